package apitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
)

// expectation is one line below a status.
type expectation interface {
	check(vars variables, ans answer) error
}

func (r *runner) expect(s step, ans answer) error {
	if got := strconv.Itoa(ans.status); got != s.status {
		return ans.explain(fmt.Errorf("status %s, want %s", got, s.status))
	}
	for _, e := range s.expected {
		if err := e.check(r.vars, ans); err != nil {
			return ans.explain(err)
		}
	}
	return nil
}

var (
	captureLine = regexp.MustCompile(`^\$([A-Z][A-Z0-9_]*) = (?:header ([A-Za-z-]+)|(body)|(\..*))$`)
	noLine      = regexp.MustCompile(`^no ([A-Za-z-]+)$`)
	bodyLine    = regexp.MustCompile(`^body (==|~|!~) (.*)$`)
	pathLine    = regexp.MustCompile(`^(\.\S*) (==|!=|~|>=|<=|has|lacks|length|absent)(?: (.*))?$`)
)

func parseExpectation(line string) (expectation, error) {
	if m := captureLine.FindStringSubmatch(line); m != nil {
		return capture{name: m[1], header: m[2], path: m[4]}, nil
	}
	if m := pathLine.FindStringSubmatch(line); m != nil {
		return member{m[1], m[2], m[3]}, nil
	}
	if m := bodyLine.FindStringSubmatch(line); m != nil {
		return text{m[1], m[2]}, nil
	}
	if m := noLine.FindStringSubmatch(line); m != nil {
		return header{name: m[1], absent: true}, nil
	}
	if m := headerLine.FindStringSubmatch(line); m != nil {
		return header{name: m[1], pattern: m[2]}, nil
	}
	return nil, fmt.Errorf("%q is no expectation", line)
}

// capture gives a variable its value: $ID = .id
type capture struct{ name, header, path string }

func (c capture) check(vars variables, ans answer) error {
	switch {
	case c.header != "":
		vars[c.name] = ans.header.Get(c.header)
	case c.path == "":
		vars[c.name] = ans.body
	default:
		v, err := lookup(ans.value, c.path)
		if err != nil {
			return err
		}
		vars[c.name] = plain(v)
	}
	if vars[c.name] == "" {
		return fmt.Errorf("$%s: there is nothing to keep", c.name)
	}
	return nil
}

// header expects a pattern: Location: ^/v1/sessions/
type header struct {
	name, pattern string
	absent        bool
}

func (h header) check(vars variables, ans answer) error {
	got := ans.header.Get(h.name)
	if h.absent {
		if got != "" {
			return fmt.Errorf("%s: %s, want none", h.name, got)
		}
		return nil
	}
	return matches(vars, h.name, got, h.pattern)
}

// text expects something of the whole body: body ~ ^WEBVTT
type text struct{ op, want string }

func (e text) check(vars variables, ans answer) error {
	if e.op != "==" {
		err := matches(vars, "body", ans.body, "(?s)"+e.want)
		if e.op == "~" {
			return err
		}
		if err == nil {
			return fmt.Errorf("the body matches %s", e.want)
		}
		return nil
	}
	want, err := vars.expand(e.want)
	if err == nil && ans.body != want {
		err = fmt.Errorf("the body is not %q", want)
	}
	return err
}

func matches(vars variables, what, got, pattern string) error {
	pattern, err := vars.expand(pattern)
	if err != nil {
		return err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	if !re.MatchString(got) {
		return fmt.Errorf("%s: %q does not match %s", what, got, pattern)
	}
	return nil
}

// member expects something of a part of the JSON: .data[0].seq == 1
type member struct{ path, op, want string }

func (m member) check(vars variables, ans answer) error {
	got, err := lookup(ans.value, m.path)
	if m.op == "absent" {
		if !errors.Is(err, errNoMember) {
			return fmt.Errorf("%s is %s, want none", m.path, plain(got))
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.path, err)
	}
	if m.op == "~" {
		return matches(vars, m.path, plain(got), m.want)
	}
	return m.compare(vars, got)
}

func (m member) compare(vars variables, got any) error {
	expanded, err := vars.expand(m.want)
	if err != nil {
		return err
	}
	var want any
	if err := json.Unmarshal([]byte(expanded), &want); err != nil {
		return fmt.Errorf("%s is not JSON: %w", expanded, err)
	}
	if !holds(got, m.op, want) {
		return fmt.Errorf("%s is %s, want %s %s", m.path, plain(got), m.op, expanded)
	}
	return nil
}

func holds(got any, op string, want any) bool {
	list, _ := got.([]any)
	g, gok := got.(float64)
	w, wok := want.(float64)
	switch op {
	case "==":
		return subset(got, want)
	case "!=":
		return !reflect.DeepEqual(got, want)
	case ">=":
		return gok && wok && g >= w
	case "<=":
		return gok && wok && g <= w
	case "length":
		return wok && float64(len(list)) == w
	case "has":
		return contains(list, want)
	}
	return !contains(list, want) // lacks
}

func contains(list []any, want any) bool {
	for _, elem := range list {
		if subset(elem, want) {
			return true
		}
	}
	return false
}

// subset reports whether got is want; objects may have more members.
func subset(got, want any) bool {
	wanted, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	object, ok := got.(map[string]any)
	for name, w := range wanted {
		g, has := object[name]
		ok = ok && has && subset(g, w)
	}
	return ok
}

// plain is a string as it is, and anything else as JSON.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
