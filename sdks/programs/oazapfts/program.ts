// The task of `sdks/programs/README.md`, with oazapfts; its runtime is an ES module, as is this program.
import { createReport, defaults, getAgency, getTarget, listAgencies, listTasks } from "./client.js";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  defaults.baseUrl = baseUrl;

  const found = await listAgencies({ name: ["省政数局"] });
  const agency = found.status === 200 ? found.data.data[0] : undefined;
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const page = await listTasks({ agency: [agency.id], limit: 10, cursor });
    if (page.status !== 200) throw new Error("no page");
    for (const task of page.data.data) console.log("task", task.id, task.title);
    count += page.data.data.length;
    pages += 1;
    cursor = page.data.page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedIn = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const page = await listTasks({ section, hasTargets: true, changedSince: since.toISOString() });
    if (page.status !== 200) throw new Error("no page");
    return [page.data.page.total, ...page.data.data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedIn(changed)));
  console.log("later", ...(await changedIn(new Date(changed.getTime() + 86_400_000))));

  const answer = await getTarget("gd-dg-2022-t17.2-k1");
  if (answer.status !== 200) throw new Error("no target");
  const target = answer.data;
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  const again = await getTarget(target.id, { ifNoneMatch: answer.headers.get("ETag") ?? "" });
  console.log("again", again.status);

  const refused = await listTasks({ agency: ["公安局"] });
  const field = refused.status === 422 ? refused.data.errors[0] : undefined;
  if (!field) throw new Error("no problem");
  console.log("problem", refused.status, field.in, field.name, ...(field.allowed ?? []));

  const traditional = await getAgency(agency.id, { lang: "zh-Hant" });
  if (traditional.status !== 200) throw new Error("no agency");
  console.log("traditional", traditional.data.name);

  const headers = { Authorization: `Bearer ${key}` };
  const said = { as_of: day, status: "on_track", summary: "演示" } as const;
  const write = () => createReport("gd-dg-2022-t17.2", `oazapfts-${day}`, said, {}, { headers });
  const first = await write();
  const second = await write();
  if (first.status !== 201 || second.status !== 201) throw new Error("not written");
  const times = first.data.id === second.data.id ? "once" : "twice";
  console.log("report", first.data.status, first.data.role, times);
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
