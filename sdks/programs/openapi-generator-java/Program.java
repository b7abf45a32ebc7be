import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import workplan.client.ApiClient;
import workplan.client.ApiException;
import workplan.client.ApiResponse;
import workplan.client.api.AgenciesApi;
import workplan.client.api.ReportsApi;
import workplan.client.api.TargetsApi;
import workplan.client.api.TasksApi;
import workplan.client.model.Agency;
import workplan.client.model.ReportSubmission;
import workplan.client.model.Problem;
import workplan.client.model.ProblemField;
import workplan.client.model.Report;
import workplan.client.model.ReportedStatus;
import workplan.client.model.Script;
import workplan.client.model.Target;
import workplan.client.model.Task;
import workplan.client.model.TaskPage;

/** The task of `sdks/programs/README.md`, with the Java client of openapi-generator. */
public final class Program {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    ApiClient client = new ApiClient();
    client.updateBaseUri(arguments[0]);
    AgenciesApi agencies = new AgenciesApi(client);
    TasksApi tasks = new TasksApi(client);
    TargetsApi targets = new TargetsApi(client);

    Agency agency =
        agencies
            .listAgencies(AgenciesApi.APIListAgenciesRequest.newBuilder().name(List.of("省政数局")).build())
            .getData()
            .get(0);
    out.println("agency " + agency.getId() + " " + agency.getName());

    String cursor = null;
    int count = 0;
    int pages = 0;
    do {
      TaskPage page =
          tasks.listTasks(
              TasksApi.APIListTasksRequest.newBuilder()
                  .agency(List.of(agency.getId()))
                  .limit(10)
                  .cursor(cursor)
                  .build());
      for (Task task : page.getData()) {
        out.println("task " + task.getId() + " " + task.getTitle());
      }
      count += page.getData().size();
      pages += 1;
      cursor = page.getPage().getNext();
    } while (cursor != null);
    out.println("tasks " + count + " pages " + pages);

    OffsetDateTime since = agency.getChangedAt().withOffsetSameInstant(ZoneOffset.ofHours(8));
    out.println("changed" + changed(tasks, since));
    out.println("later" + changed(tasks, since.plusDays(1)));

    ApiResponse<Target> answer =
        targets.getTargetWithHttpInfo(
            TargetsApi.APIGetTargetRequest.newBuilder().targetId("gd-dg-2022-t17.2-k1").build());
    Target target = answer.getData();
    out.println(
        String.join(
            " ",
            "target",
            target.getId(),
            Objects.requireNonNull(target.getComparator()).getValue(),
            number(target.getValue()),
            number(target.getValueUpper()),
            target.getUnit(),
            target.getDueOn().toString()));

    String etag = answer.getHeaders().get("etag").get(0);
    try {
      targets.getTarget(
          TargetsApi.APIGetTargetRequest.newBuilder().targetId(target.getId()).build(),
          Map.of("If-None-Match", etag));
    } catch (ApiException unchanged) {
      out.println("again " + unchanged.getCode());
    }

    try {
      tasks.listTasks(
          TasksApi.APIListTasksRequest.newBuilder().agency(List.of("公安局")).build());
    } catch (ApiException refused) {
      Problem problem =
          client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      ProblemField field = problem.getErrors().get(0);
      String allowed = field.getAllowed() == null ? "" : String.join(" ", field.getAllowed());
      out.println(
          "problem " + problem.getStatus() + " " + field.getIn() + " " + field.getName() + " " + allowed);
    }

    Agency traditional =
        agencies.getAgency(
            AgenciesApi.APIGetAgencyRequest.newBuilder()
                .agencyId(agency.getId())
                .lang(Script.SCRIPT_HANT)
                .build());
    out.println("traditional " + traditional.getName());

    client.setRequestInterceptor(
        request -> request.setHeader("Authorization", "Bearer " + arguments[1]));
    ReportsApi reports = new ReportsApi(client);
    ReportSubmission said =
        new ReportSubmission()
            .asOf(LocalDate.parse(arguments[2]))
            .status(ReportedStatus.REPORTED_STATUS_ON_TRACK)
            .summary("演示");
    ReportsApi.APICreateReportRequest write =
        ReportsApi.APICreateReportRequest.newBuilder()
            .taskId("gd-dg-2022-t17.2")
            .idempotencyKey("java-" + arguments[2])
            .reportSubmission(said)
            .build();
    Report first = reports.createReport(write);
    Report second = reports.createReport(write);
    String times = first.getId().equals(second.getId()) ? "once" : "twice";
    out.println(
        "report " + first.getStatus().getValue() + " " + first.getRole().getValue() + " " + times);
  }

  private static String changed(TasksApi tasks, OffsetDateTime since) throws ApiException {
    TaskPage page =
        tasks.listTasks(
            TasksApi.APIListTasksRequest.newBuilder()
                .section(List.of("gd-dg-2022-s4", "gd-dg-2022-s5"))
                .hasTargets(true)
                .changedSince(since)
                .build());
    StringBuilder line = new StringBuilder(" " + page.getPage().getTotal());
    for (Task task : page.getData()) {
      line.append(' ').append(task.getId());
    }
    return line.toString();
  }

  private static String number(Number value) {
    return new java.math.BigDecimal(value.toString()).stripTrailingZeros().toPlainString();
  }
}
