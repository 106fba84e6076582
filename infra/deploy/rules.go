package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"griot/infra/lambda/template"
)

// rules are what the templates say of parameters that go together.
// CloudFormation says it too, but after the build.
func (d *deployment) rules(context.Context) (string, error) {
	s := d.settings
	err := errors.Join(broken(s.data, s.values(s.data)), broken(s.functions, s.values(s.functions)))
	return "go together", err
}

// broken returns the assertions of a template's Rules that do not hold.
func broken(t template.Template, values map[string]string) error {
	rules, _ := t.At("Rules").(map[string]any)
	var all []error
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if when := t.At("Rules", name, "RuleCondition"); when != nil && !holds(when, values) {
			continue
		}
		assertions, _ := t.At("Rules", name, "Assertions").([]any)
		for _, a := range assertions {
			a, _ := a.(map[string]any)
			if !holds(a["Assert"], values) {
				all = append(all, errors.New(fmt.Sprint(a["AssertDescription"])))
			}
		}
	}
	return errors.Join(all...)
}

// holds evaluates a condition of parameters; what it does not know holds, and
// is CloudFormation's to judge.
func holds(v any, values map[string]string) bool {
	condition, _ := v.(map[string]any)
	for function, operands := range condition {
		list, _ := operands.([]any)
		switch function {
		case "Fn::Equals":
			return len(list) == 2 && text(list[0], values) == text(list[1], values)
		case "Fn::Not":
			return len(list) == 1 && !holds(list[0], values)
		case "Fn::And":
			return !slices.ContainsFunc(list, func(v any) bool { return !holds(v, values) })
		case "Fn::Or":
			return slices.ContainsFunc(list, func(v any) bool { return holds(v, values) })
		}
	}
	return true
}

func text(v any, values map[string]string) string {
	if reference, is := v.(map[string]any); is {
		return values[fmt.Sprint(reference["Ref"])]
	}
	return fmt.Sprint(v)
}
