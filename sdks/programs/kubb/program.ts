// The task of `sdks/programs/README.md`, with kubb and axios.
import { isAxiosError } from "axios";
import { axiosInstance } from "./client/.kubb/fetch.js";
import { createReport, getAgency, getTarget, listAgencies, listTasks } from "./client/index.js";
import type { ListTasks422 } from "./client/index.js";

async function main(baseURL: string, key: string, day: string): Promise<void> {
  axiosInstance.defaults.baseURL = baseURL;
  axiosInstance.defaults.paramsSerializer = { indexes: null }; // `agency=…&agency=…`, not `agency[]=…`

  const found = await listAgencies({ name: ["省政数局"] });
  const agency = found.data.data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data } = await listTasks({ agency: [agency.id], limit: 10, cursor });
    for (const task of data.data) console.log("task", task.id, task.title);
    count += data.data.length;
    pages += 1;
    cursor = data.page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedSince = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const { data } = await listTasks({ section, has_targets: true, changed_since: since.toISOString() });
    return [data.page.total, ...data.data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedSince(changed)));
  console.log("later", ...(await changedSince(new Date(changed.getTime() + 86_400_000))));

  const { data: target, headers } = await getTarget("gd-dg-2022-t17.2-k1");
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  const validateStatus = (status: number) => status < 300 || status === 304;
  const again = await getTarget(target.id, {}, { "If-None-Match": String(headers["etag"]) }, { validateStatus });
  console.log("again", again.status);

  try {
    await listTasks({ agency: ["公安局"] });
  } catch (error) {
    if (!isAxiosError<ListTasks422>(error) || !error.response) throw error;
    const problem = error.response.data;
    const field = problem.errors[0];
    console.log("problem", problem.status, field?.in, field?.name, ...(field?.allowed ?? []));
  }

  const { data: traditional } = await getAgency(agency.id, { lang: "zh-Hant" });
  console.log("traditional", traditional.name);

  axiosInstance.defaults.headers.common["Authorization"] = `Bearer ${key}`;
  const write = () =>
    createReport(
      "gd-dg-2022-t17.2",
      { as_of: day, status: "on_track", summary: "演示" },
      { "Idempotency-Key": `kubb-${day}` },
    );
  const { data: first } = await write();
  const { data: second } = await write();
  console.log("report", first.status, first.role, first.id === second.id ? "once" : "twice");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
