// The task of `sdks/programs/README.md`, with the Go client of openapi-generator.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"workplan.example/client"
)

func connect(base string, header ...string) *client.APIClient {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: base}}
	for i := 0; i+1 < len(header); i += 2 {
		configuration.AddDefaultHeader(header[i], header[i+1])
	}
	return client.NewAPIClient(configuration)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func changed(ctx context.Context, api *client.APIClient, since time.Time) string {
	request := api.TasksAPI.ListTasks(ctx).Section([]string{"gd-dg-2022-s4", "gd-dg-2022-s5"})
	page, _, err := request.HasTargets(true).ChangedSince(since).Execute()
	must(err)
	line := []string{fmt.Sprint(page.Page.Total)}
	for _, task := range page.Data {
		line = append(line, task.Id)
	}
	return strings.Join(line, " ")
}

func main() {
	ctx, base := context.Background(), os.Args[1]
	api := connect(base)

	found, _, err := api.AgenciesAPI.ListAgencies(ctx).Name([]string{"省政数局"}).Execute()
	must(err)
	agency := found.Data[0]
	fmt.Println("agency", agency.Id, agency.Name)

	count, pages := 0, 0
	request := api.TasksAPI.ListTasks(ctx).Agency([]string{agency.Id}).Limit(10)
	for {
		page, _, err := request.Execute()
		must(err)
		for _, task := range page.Data {
			fmt.Println("task", task.Id, task.Title)
		}
		count, pages = count+len(page.Data), pages+1
		next := page.Page.Next.Get()
		if next == nil {
			break
		}
		request = request.Cursor(*next)
	}
	fmt.Println("tasks", count, "pages", pages)

	since := agency.ChangedAt.In(time.FixedZone("UTC+8", 8*60*60))
	fmt.Println("changed", changed(ctx, api, since))
	fmt.Println("later", changed(ctx, api, since.AddDate(0, 0, 1)))

	target, response, err := api.TargetsAPI.GetTarget(ctx, "gd-dg-2022-t17.2-k1").Execute()
	must(err)
	fmt.Println("target", target.Id, *target.Comparator.Get(), *target.Value.Get(), *target.ValueUpper.Get(), *target.Unit.Get(), *target.DueOn.Get())

	conditional := connect(base, "If-None-Match", response.Header.Get("ETag"))
	_, again, err := conditional.TargetsAPI.GetTarget(ctx, target.Id).Execute()
	if err == nil {
		log.Fatal("304 is an error to this client")
	}
	fmt.Println("again", again.StatusCode)

	_, _, err = api.TasksAPI.ListTasks(ctx).Agency([]string{"公安局"}).Execute()
	var refused *client.GenericOpenAPIError
	if !errors.As(err, &refused) {
		log.Fatal("no problem")
	}
	problem, ok := refused.Model().(client.Problem)
	if !ok {
		log.Fatal("the problem has no type")
	}
	field := problem.Errors[0]
	fmt.Println("problem", problem.Status, field.In, field.Name, strings.Join(field.Allowed, " "))

	traditional, _, err := api.AgenciesAPI.GetAgency(ctx, agency.Id).Lang(client.SCRIPT_HANT).Execute()
	must(err)
	fmt.Println("traditional", traditional.Name)

	holder := context.WithValue(ctx, client.ContextAccessToken, os.Args[2])
	said := client.NewReportSubmission(os.Args[3], client.REPORTED_STATUS_ON_TRACK, "演示")
	write := api.ReportsAPI.CreateReport(holder, "gd-dg-2022-t17.2").IdempotencyKey("go-" + os.Args[3]).ReportSubmission(*said)
	first, _, err := write.Execute()
	must(err)
	second, _, err := write.Execute()
	must(err)
	times := "twice"
	if first.Id == second.Id {
		times = "once"
	}
	fmt.Println("report", first.Status, first.Role, times)
}
