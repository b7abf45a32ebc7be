// The task of `sdks/programs/README.md`, with openapi-zod-client (zodios and axios).
import { isErrorFromAlias } from "@zodios/core";
import { isAxiosError } from "axios";
import { createApiClient } from "./client";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  const api = createApiClient(baseUrl, {
    axiosConfig: { paramsSerializer: { indexes: null } }, // `agency=…&agency=…`, not `agency[]=…`
  });

  const found = await api.listAgencies({ queries: { name: ["省政数局"] } });
  const agency = found.data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data, page } = await api.listTasks({ queries: { agency: [agency.id], limit: 10, cursor } });
    for (const task of data) console.log("task", task.id, task.title);
    count += data.length;
    pages += 1;
    cursor = page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedSince = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const queries = { section, has_targets: true, changed_since: since.toISOString() };
    const { data, page } = await api.listTasks({ queries });
    return [page.total, ...data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedSince(changed)));
  console.log("later", ...(await changedSince(new Date(changed.getTime() + 86_400_000))));

  // The client gives no headers of a response but to its own axios.
  let etag = "";
  const listener = api.axios.interceptors.response.use((response) => {
    etag = String(response.headers["etag"]);
    return response;
  });
  const params = { target_id: "gd-dg-2022-t17.2-k1" };
  const target = await api.getTarget({ params });
  api.axios.interceptors.response.eject(listener);
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  try {
    await api.getTarget({ params, headers: { "If-None-Match": etag } });
  } catch (unchanged) {
    if (!isAxiosError(unchanged)) throw unchanged;
    console.log("again", unchanged.response?.status);
  }

  try {
    await api.listTasks({ queries: { agency: ["公安局"] } });
  } catch (error) {
    if (!isErrorFromAlias(api.api, "listTasks", error)) throw error;
    if (error.response.status !== 422) throw error;
    const problem = error.response.data;
    const field = problem.errors[0];
    console.log("problem", problem.status, field?.in, field?.name, ...(field?.allowed ?? []));
  }

  const traditional = await api.getAgency({ params: { agency_id: agency.id }, queries: { lang: "zh-Hant" } });
  console.log("traditional", traditional.name);

  const headers = { Authorization: `Bearer ${key}`, "Idempotency-Key": `zod-${day}` };
  const said = { as_of: day, status: "on_track", summary: "演示" } as const;
  const write = () => api.createReport(said, { params: { task_id: "gd-dg-2022-t17.2" }, headers });
  const first = await write();
  const second = await write();
  console.log("report", first.status, first.role, first.id === second.id ? "once" : "twice");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
