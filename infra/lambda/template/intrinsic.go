package template

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// noValue is !Ref AWS::NoValue: whatever has this value is not there.
type noValue struct{}

// deepest is how many intrinsic functions may lie in each other.
const deepest = 50

// eval returns a value without intrinsic functions.
func (s *scope) eval(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		return s.evalList(v)
	case object:
		if name, argument, ok := intrinsic(v); ok {
			if s.depth++; s.depth > deepest {
				return nil, errors.New("refers to itself")
			}
			defer func() { s.depth-- }()
			out, err := s.call(name, argument)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return out, nil
		}
		return s.evalObject(v)
	}
	return v, nil
}

func intrinsic(v object) (name string, argument any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, argument = range v {
	}
	return name, argument, name == "Ref" || name == "Condition" && isString(argument) || strings.HasPrefix(name, "Fn::")
}

func isString(v any) bool { _, ok := v.(string); return ok }

func (s *scope) evalList(list []any) (any, error) {
	out := make([]any, 0, len(list))
	for _, v := range list {
		v, err := s.eval(v)
		if err != nil {
			return nil, err
		}
		if v != (noValue{}) {
			out = append(out, v)
		}
	}
	return out, nil
}

func (s *scope) evalObject(o object) (any, error) {
	out := object{}
	for name, v := range o {
		v, err := s.eval(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if v != (noValue{}) {
			out[name] = v
		}
	}
	return out, nil
}

func (s *scope) call(name string, argument any) (any, error) {
	switch name {
	case "Fn::If": // evaluates one branch only
		args, ok := argument.([]any)
		if !ok || len(args) != 3 {
			return nil, errors.New("wants three arguments")
		}
		yes, err := s.condition(args[0])
		if err != nil || yes {
			return s.evalIf(args[1], err)
		}
		return s.eval(args[2])
	case "Fn::Sub":
		return s.sub(argument)
	case "Condition":
		return s.condition(argument)
	}
	argument, err := s.eval(argument)
	if err != nil {
		return nil, err
	}
	if name == "Ref" {
		return s.ref(fmt.Sprint(argument))
	}
	args, _ := argument.([]any)
	return s.apply(name, args)
}

func (s *scope) evalIf(v any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return s.eval(v)
}

func (s *scope) apply(name string, args []any) (any, error) {
	switch {
	case name == "Fn::GetAtt" && len(args) == 2:
		return s.attribute(fmt.Sprint(args[0]), fmt.Sprint(args[1]))
	case name == "Fn::Join" && len(args) == 2:
		return strings.Join(texts(args[1]), fmt.Sprint(args[0])), nil
	case name == "Fn::Split" && len(args) == 2:
		return anys(strings.Split(fmt.Sprint(args[1]), fmt.Sprint(args[0]))), nil
	case name == "Fn::Select" && len(args) == 2:
		i, list := number(args[0]), anys(texts(args[1]))
		if i < 0 || i >= int64(len(list)) {
			return nil, fmt.Errorf("no element %d", i)
		}
		return list[i], nil
	case name == "Fn::FindInMap" && len(args) == 3:
		return dig(s.mappings, texts(args)...), nil
	case name == "Fn::Equals" && len(args) == 2:
		return fmt.Sprint(args[0]) == fmt.Sprint(args[1]), nil
	case name == "Fn::Not" && len(args) == 1:
		return args[0] != true, nil
	case name == "Fn::And":
		return !slices.ContainsFunc(args, func(v any) bool { return v != true }), nil
	case name == "Fn::Or":
		return slices.Contains(args, any(true)), nil
	}
	return nil, fmt.Errorf("is not supported, or not with %d arguments", len(args))
}

// condition evaluates a named condition, or an expression.
func (s *scope) condition(v any) (bool, error) {
	if name, ok := v.(string); ok {
		expression, ok := s.conditions[name]
		if !ok {
			return false, fmt.Errorf("there is no condition %s", name)
		}
		v = expression
	}
	v, err := s.eval(v)
	return v == true, err
}

var placeholder = regexp.MustCompile(`\$\{([^!{}][^{}]*)\}`)

func (s *scope) sub(argument any) (any, error) {
	text, own := argument, object{}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		v, err := s.eval(list[1])
		if err != nil {
			return nil, err
		}
		text = list[0]
		own, _ = v.(object)
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(fmt.Sprint(text), func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		v, ok := own[name]
		if !ok {
			var err error
			v, err = s.lookUp(name)
			failed = errors.Join(failed, err)
		}
		return fmt.Sprint(v)
	})
	return strings.ReplaceAll(out, "${!", "${"), failed
}

func (s *scope) lookUp(name string) (any, error) {
	if resource, attribute, ok := strings.Cut(name, "."); ok {
		return s.attribute(resource, attribute)
	}
	return s.ref(name)
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

func anys(list []string) (out []any) {
	for _, e := range list {
		out = append(out, e)
	}
	return out
}

// number returns an integer, also one that is written as a string.
func number(v any) (n int64) {
	_, _ = fmt.Sscan(fmt.Sprint(v), &n) // 0 when there is none
	return n
}

// dig returns what lies under the names, or nil.
func dig(v any, names ...string) any {
	for _, name := range names {
		o, _ := v.(object)
		v = o[name]
	}
	return v
}

// text returns a string, and "" for anything that is not there.
func text(v any) string {
	if v == nil || reflect.TypeOf(v) == reflect.TypeFor[noValue]() {
		return ""
	}
	return fmt.Sprint(v)
}
