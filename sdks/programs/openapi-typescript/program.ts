// The task of `sdks/programs/README.md`, with openapi-typescript and openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./client/schema";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  // Lists come in other media types, too; this says which ones are meant.
  const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl });

  const found = await client.GET("/v1/agencies", { params: { query: { name: ["省政数局"] } } });
  const agency = found.data?.data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data, error } = await client.GET("/v1/tasks", {
      params: { query: { agency: [agency.id], limit: 10, ...(cursor && { cursor }) } },
    });
    if (!data) throw new Error(error.title);
    for (const task of data.data) console.log("task", task.id, task.title);
    count += data.data.length;
    pages += 1;
    cursor = data.page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedSince = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const { data, error } = await client.GET("/v1/tasks", {
      params: { query: { section, has_targets: true, changed_since: since.toISOString() } },
    });
    if (!data) throw new Error(error.title);
    return [data.page.total, ...data.data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedSince(changed)));
  console.log("later", ...(await changedSince(new Date(changed.getTime() + 86_400_000))));

  const path = { target_id: "gd-dg-2022-t17.2-k1" };
  const { data: target, response } = await client.GET("/v1/targets/{target_id}", { params: { path } });
  if (!target) throw new Error("no target");
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  const headers = { "If-None-Match": response.headers.get("ETag") ?? "" };
  const again = await client.GET("/v1/targets/{target_id}", { params: { path }, headers });
  console.log("again", again.response.status);

  const { error: problem } = await client.GET("/v1/tasks", { params: { query: { agency: ["公安局"] } } });
  const field = problem?.errors[0];
  if (!field) throw new Error("no problem");
  console.log("problem", problem.status, field.in, field.name, ...(field.allowed ?? []));

  const { data: traditional } = await client.GET("/v1/agencies/{agency_id}", {
    params: { path: { agency_id: agency.id }, query: { lang: "zh-Hant" } },
  });
  console.log("traditional", traditional?.name);

  const write = () =>
    client.POST("/v1/tasks/{task_id}/reports", {
      params: { path: { task_id: "gd-dg-2022-t17.2" }, header: { "Idempotency-Key": `fetch-${day}` } },
      headers: { Authorization: `Bearer ${key}` },
      body: { as_of: day, status: "on_track", summary: "演示", evidence: [] },
    });
  const { data: first } = await write();
  const { data: second } = await write();
  console.log("report", first?.status, first?.role, first?.id === second?.id ? "once" : "twice");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
