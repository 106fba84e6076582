package main

import (
	"fmt"
	"strings"
)

// query is a question to the logs, for CloudWatch Logs Insights.
type query struct {
	id, name  string
	groups    []string // log groups, by the last part of their names
	condition string   // of the template, without which a group is not there
	lines     []string
}

// ours are the log groups with a line for each request.
var ours = []string{"api", "audit"}

// usage is who takes how much of what the tables may give, the hungriest first.
var usage = query{
	id: "UsageQuery", name: "who takes how much", groups: ours,
	lines: []string{
		`filter message = "request"`,
		`stats sum(write_units) as writes, sum(read_units) as reads, count(*) as requests, count(limited) as refused by workspace, key`,
		`sort writes desc, reads desc`,
		`limit 50`,
	},
}

// queries are what the stack keeps for its operators.
var queries = []query{
	usage,
	{
		id: "OriginQuery", name: "from where", condition: "HasGatewayLogs", groups: []string{"api", "audit", "gateway"},
		// A line of the gateway and one of ours are a request; both have its
		// gateway_id. What nobody handed on to us has the gateway's only.
		lines: []string{
			`filter ispresent(gateway_id)`,
			`stats sortsLast(address) as caller, sortsLast(workspace) as tenant, sortsLast(key) as credential, max(write_units) as writes, max(read_units) as reads by gateway_id`,
			`stats count(*) as requests, sum(writes) as all_writes, sum(reads) as all_reads by caller, tenant, credential`,
			`sort requests desc`,
			`limit 50`,
		},
	},
	{
		id: "AddressQuery", name: "which addresses", condition: "HasGatewayLogs", groups: []string{"gateway"},
		lines: []string{
			`stats count(*) as requests, sum(floor(status / 400)) as failed, sum(bytes) as sent by address`,
			`sort requests desc`,
			`limit 50`,
		},
	},
}

// queriesRegion is the queries as CloudWatch lists them under the stack's name.
func queriesRegion() string {
	var b strings.Builder
	for _, q := range queries {
		fmt.Fprintf(&b, "\n  %s:\n    Type: AWS::Logs::QueryDefinition\n", q.id)
		if q.condition != "" {
			fmt.Fprintf(&b, "    Condition: %s\n", q.condition)
		}
		fmt.Fprintf(&b, "    Properties:\n      Name: !Sub ${Prefix}/%s\n      LogGroupNames:\n", q.name)
		for _, group := range q.groups {
			fmt.Fprintf(&b, "        - !Sub %s\n", logGroup(group))
		}
		b.WriteString("      QueryString: |\n" + indented(8, strings.Join(q.lines, "\n| ")+"\n"))
	}
	return b.String() + "\n"
}

func logGroup(name string) string { return "/griot/${Prefix}/" + name }

// source is the query with its log groups in it, as a dashboard wants it.
func (q query) source() string {
	var b strings.Builder
	for _, group := range q.groups {
		b.WriteString("SOURCE '" + logGroup(group) + "' | ")
	}
	return b.String() + strings.Join(q.lines, "\n| ")
}
