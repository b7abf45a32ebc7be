module workplan.example

go 1.23
