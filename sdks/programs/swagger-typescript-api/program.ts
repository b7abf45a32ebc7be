// The task of `sdks/programs/README.md`, with swagger-typescript-api.
import { Problem, ReportedStatus, Script } from "./client/data-contracts";
import type { HttpResponse } from "./client/http-client";
import { V1 } from "./client/V1";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  const api = new V1({ baseUrl, securityWorker: () => ({ headers: { Authorization: `Bearer ${key}` } }) });

  const found = await api.listAgencies({ name: ["省政数局"] });
  const agency = found.data.data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data } = await api.listTasks({ agency: [agency.id], limit: 10, cursor });
    for (const task of data.data) console.log("task", task.id, task.title);
    count += data.data.length;
    pages += 1;
    cursor = data.page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedSince = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const { data } = await api.listTasks({ section, has_targets: true, changed_since: since.toISOString() });
    return [data.page.total, ...data.data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedSince(changed)));
  console.log("later", ...(await changedSince(new Date(changed.getTime() + 86_400_000))));

  const answer = await api.getTarget("gd-dg-2022-t17.2-k1");
  const target = answer.data;
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  // What is not 2xx is thrown: the response, with the problem as its `error`.
  const headers = { "If-None-Match": answer.headers.get("ETag") ?? "" };
  const again = await api.getTarget(target.id, {}, { headers }).catch((thrown: HttpResponse<never, Problem>) => thrown);
  console.log("again", again.status);

  const refused = await api.listTasks({ agency: ["公安局"] }).catch((thrown: HttpResponse<never, Problem>) => thrown);
  const field = refused.error.errors[0];
  if (!field) throw new Error("no problem");
  console.log("problem", refused.error.status, field.in, field.name, ...(field.allowed ?? []));

  const { data: traditional } = await api.getAgency(agency.id, { lang: Script.SCRIPT_HANT });
  console.log("traditional", traditional.name);

  const write = () =>
    api.createReport(
      "gd-dg-2022-t17.2",
      { as_of: day, status: ReportedStatus.REPORTED_STATUS_ON_TRACK, summary: "演示" },
      {},
      { secure: true, headers: { "Idempotency-Key": `swagger-${day}` } },
    );
  const { data: first } = await write();
  const { data: second } = await write();
  console.log("report", first.status, first.role, first.id === second.id ? "once" : "twice");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
