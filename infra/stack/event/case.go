// Package event has the events by which functions are tried: cases in lines,
// and the proxy events, queue events and scheduled events that Lambda hands a
// function for them.
//
// A case of an endpoint is a request and what is answered, as in scripts:
//
//	== renamed: and found by its new name
//	PUT /api/memories/${MEMORY}
//	as KEY2
//	Idempotency-Key: 9b1c
//
//	{"name": "b"}
//	=> 200
//	…
//
// The key is KEY unless it says otherwise, or nobody. A case of a worker is the
// jobs of one batch, a line each; "object KEY" is what S3 sends of one. What
// comes back, from => on, is recorded and not read here.
package event

import (
	"fmt"
	"strings"
)

// Case is one event of a function and what comes of it. Names that were given
// to what is there stand in it as ${LIVE}.
type Case struct {
	Name  string
	Lines []string // the request, or the jobs
	Want  string   // from => on
}

const (
	opening = "== "
	answers = "=>"
)

// Parse reads the cases of a function.
func Parse(text string) ([]Case, error) {
	var cases []Case
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		name, opens := strings.CutPrefix(line, opening)
		switch {
		case opens:
			cases = append(cases, Case{Name: name})
		case len(cases) == 0:
			return nil, fmt.Errorf("line %d: want %qand a name, got %q", i+1, opening, line)
		default:
			cases[len(cases)-1].add(line)
		}
	}
	for i := range cases {
		c := &cases[i]
		for n := len(c.Lines); n > 0 && c.Lines[n-1] == ""; n-- {
			c.Lines = c.Lines[:n-1]
		}
		c.Want = strings.TrimRight(c.Want, "\n") + "\n"
		if len(c.Lines) == 0 {
			return nil, fmt.Errorf("the case %s asks nothing", c.Name)
		}
	}
	return cases, nil
}

func (c *Case) add(line string) {
	if c.Want != "" || strings.HasPrefix(line, answers) {
		c.Want += line + "\n"
		return
	}
	c.Lines = append(c.Lines, line)
}

// Format writes cases as Parse reads them.
func Format(cases []Case) string {
	var texts []string
	for _, c := range cases {
		texts = append(texts, opening+c.Name+"\n"+strings.Join(c.Lines, "\n")+"\n"+c.Want)
	}
	return strings.Join(texts, "\n")
}

// Find returns a case by its name.
func Find(cases []Case, name string) (Case, bool) {
	for _, c := range cases {
		if c.Name == name {
			return c, true
		}
	}
	return Case{}, false
}
