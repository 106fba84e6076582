package template

import (
	"fmt"
	"strings"
)

// Statement is what a function may do: IAM actions on resources by ARN.
type Statement struct {
	Actions, Resources []string
	Conditional        bool // a Condition narrows the resources
}

// Statements returns what the inline policies of each function of a template
// allow, by the function's logical id.
func Statements(file string, o Options) (map[string][]Statement, error) {
	s, err := open(file, o.Stack, o, o.Parameters)
	if err != nil {
		return nil, fmt.Errorf("reading the policies: %w", err)
	}
	out := map[string][]Statement{}
	for _, id := range s.ofType("AWS::Serverless::Function") {
		p, err := s.properties(id, "Policies")
		if err != nil {
			return nil, fmt.Errorf("reading the policies: %w", err)
		}
		list, _ := p["Policies"].([]any)
		for _, policy := range list {
			statements, _ := dig(policy, "Statement").([]any)
			for _, st := range statements {
				if dig(st, "Effect") == "Allow" {
					out[id] = append(out[id], Statement{oneOrMany(dig(st, "Action")), oneOrMany(dig(st, "Resource")), dig(st, "Condition") != nil})
				}
			}
		}
	}
	return out, nil
}

func oneOrMany(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return texts(v)
}

// Allows reports whether a statement allows the action on the resource.
func (st Statement) Allows(action, resource string) bool {
	for _, a := range st.Actions {
		for _, r := range st.Resources {
			prefix, open := strings.CutSuffix(r, "*")
			if a == action && (r == resource || open && strings.HasPrefix(resource, prefix)) {
				return true
			}
		}
	}
	return false
}
