// The task of `sdks/programs/README.md`, with openapi-typescript-codegen.
import { AgenciesService, ApiError, OpenAPI, ReportsService, TargetsService, TasksService } from "./client";
import type { Problem } from "./client";

async function main(baseUrl: string, key: string, day: string): Promise<void> {
  OpenAPI.BASE = baseUrl;

  const agency = (await AgenciesService.listAgencies({ name: ["省政数局"] })).data[0];
  if (!agency) throw new Error("no agency");
  console.log("agency", agency.id, agency.name);

  let cursor: string | undefined;
  let count = 0;
  let pages = 0;
  do {
    const { data, page } = await TasksService.listTasks({ agency: [agency.id], limit: 10, cursor });
    for (const task of data) console.log("task", task.id, task.title);
    count += data.length;
    pages += 1;
    cursor = page.next ?? undefined;
  } while (cursor);
  console.log("tasks", count, "pages", pages);

  const changedIn = async (since: Date) => {
    const section = ["gd-dg-2022-s4", "gd-dg-2022-s5"];
    const { data, page } = await TasksService.listTasks({
      section,
      hasTargets: true,
      changedSince: since.toISOString(),
    });
    return [page.total, ...data.map((task) => task.id)];
  };
  const changed = new Date(agency.changed_at);
  console.log("changed", ...(await changedIn(changed)));
  console.log("later", ...(await changedIn(new Date(changed.getTime() + 86_400_000))));

  const targetId = "gd-dg-2022-t17.2-k1";
  const target = await TargetsService.getTarget({ targetId });
  console.log("target", target.id, target.comparator, target.value, target.value_upper, target.unit, target.due_on);

  // The client gives no headers of a response.
  const { headers } = await fetch(`${baseUrl}/v1/targets/${targetId}`);
  const again = await refusal(TargetsService.getTarget({ targetId, ifNoneMatch: headers.get("ETag") ?? "" }));
  console.log("again", again.status);

  const refused = await refusal(TasksService.listTasks({ agency: ["公安局"] }));
  const problem: Problem = refused.body; // of any type to the client
  const field = problem.errors[0];
  if (!field) throw new Error("no problem");
  console.log("problem", problem.status, field.in, field.name, ...(field.allowed ?? []));

  const traditional = await AgenciesService.getAgency({ agencyId: agency.id, lang: "zh-Hant" });
  console.log("traditional", traditional.name);

  OpenAPI.TOKEN = key;
  const write = () =>
    ReportsService.createReport({
      taskId: "gd-dg-2022-t17.2",
      idempotencyKey: `codegen-${day}`,
      requestBody: { as_of: day, status: "on_track", summary: "演示" },
    });
  const first = await write();
  const second = await write();
  console.log("report", first.status, first.role, first.id === second.id ? "once" : "twice");
}

/** What is not 2xx is thrown. */
async function refusal(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("not refused");
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
