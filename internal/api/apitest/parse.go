package apitest

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// step is one request and what is expected of its answer.
type step struct {
	line           int
	method, target string
	as             string // the variable of the key; "" is nobody
	headers        [][2]string
	headersFrom    string // a JSON object of further headers
	events         int    // stop reading a stream after so many; 0: at its end
	until          expectation
	within         time.Duration
	body           string
	status         string
	expected       []expectation
}

var (
	requestLine = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+)$`)
	headerLine  = regexp.MustCompile(`^([A-Za-z][A-Za-z-]*): ?(.*)$`)
	asLine      = regexp.MustCompile(`^as (\w+)$`)
	withLine    = regexp.MustCompile(`^with headers (\S+)$`)
	stopLine    = regexp.MustCompile(`^stop after (\d+) events?$`)
	untilLine   = regexp.MustCompile(`^until (.+) within (\S+)$`)
	statusLine  = regexp.MustCompile(`^=> (\d\d\d)$`)
)

// parser reads a script line by line.
type parser struct {
	steps []step
	in    part
}

type part int

const (
	outside part = iota
	head
	body
	expectations
)

func parse(text string) ([]step, error) {
	var p parser
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if err := p.take(n, lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if p.in == head || p.in == body {
		return nil, fmt.Errorf("the last step expects nothing")
	}
	return p.steps, lines.Err()
}

func (p *parser) take(n int, line string) error {
	if p.in != body && strings.HasPrefix(line, "#") {
		return nil
	}
	if m := statusLine.FindStringSubmatch(line); m != nil && p.in != outside && p.in != expectations {
		p.in, p.step().status = expectations, m[1]
		return nil
	}
	m := requestLine.FindStringSubmatch(line)
	switch {
	case p.in == head:
		return p.head(line)
	case p.in == body:
		p.step().body += line + "\n"
		return nil
	case m != nil:
		p.steps = append(p.steps, step{line: n, method: m[1], target: m[2], as: "KEY"})
		p.in = head
		return nil
	case strings.TrimSpace(line) == "":
		return nil
	case p.in == outside:
		return fmt.Errorf("%q is no request", line)
	}
	e, err := parseExpectation(line)
	p.step().expected = append(p.step().expected, e)
	return err
}

func (p *parser) step() *step { return &p.steps[len(p.steps)-1] }

func (p *parser) head(line string) (err error) {
	s := p.step()
	if m := headerLine.FindStringSubmatch(line); m != nil {
		s.headers = append(s.headers, [2]string{m[1], m[2]})
		return nil
	}
	if line == "" {
		p.in = body
		return nil
	}
	if m := asLine.FindStringSubmatch(line); m != nil {
		s.as = strings.TrimSuffix(m[1], "nobody")
		return nil
	}
	if m := withLine.FindStringSubmatch(line); m != nil {
		s.headersFrom = m[1]
		return nil
	}
	if m := stopLine.FindStringSubmatch(line); m != nil {
		_, err = fmt.Sscan(m[1], &s.events)
		return err
	}
	if m := untilLine.FindStringSubmatch(line); m != nil {
		if s.until, err = parseExpectation(m[1]); err != nil {
			return err
		}
		s.within, err = time.ParseDuration(m[2])
		return err
	}
	return fmt.Errorf("%q is neither a header nor an instruction", line)
}
