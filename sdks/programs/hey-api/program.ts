// The task of `sdks/programs/README.md`, with @hey-api/openapi-ts.
import { createReport, getAgency, getTarget, listAgencies, listTasks } from "./client";
import { client } from "./client/client.gen";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  client.setConfig({ baseUrl });

  const found = await listAgencies({ query: { name: ["省政数局"] } });
  const agency = found.data?.data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data } = await listTasks({ query: { agency: [agency.id], limit: 10, cursor } });
    if (!data) throw new Error("no page");
    for (const task of data.data) console.log("task", task.id, task.title);
    count += data.data.length;
    pages += 1;
    cursor = data.page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedSince = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const { data } = await listTasks({ query: { section, has_targets: true, changed_since: since.toISOString() } });
    if (!data) throw new Error("no page");
    return [data.page.total, ...data.data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedSince(changed)));
  console.log("later", ...(await changedSince(new Date(changed.getTime() + 86_400_000))));

  const path = { target_id: "gd-dg-2022-t17.2-k1" };
  const { data: target, response } = await getTarget({ path });
  if (!target || !response) throw new Error("no target");
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  const again = await getTarget({ path, headers: { "If-None-Match": response.headers.get("ETag") ?? "" } });
  console.log("again", again.response?.status);

  const { error: problem } = await listTasks({ query: { agency: ["公安局"] } });
  const field = problem?.errors[0];
  if (!field) throw new Error("no problem");
  console.log("problem", problem.status, field.in, field.name, ...(field.allowed ?? []));

  const { data: traditional } = await getAgency({ path: { agency_id: agency.id }, query: { lang: "zh-Hant" } });
  console.log("traditional", traditional?.name);

  const write = () =>
    createReport({
      auth: key,
      path: { task_id: "gd-dg-2022-t17.2" },
      headers: { "Idempotency-Key": `hey-${day}` },
      body: { as_of: day, status: "on_track", summary: "演示" },
    });
  const { data: first } = await write();
  const { data: second } = await write();
  console.log("report", first?.status, first?.role, first?.id === second?.id ? "once" : "twice");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
