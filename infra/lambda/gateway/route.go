package gateway

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"griot/infra/stack"
)

// node is one element of the paths, with what may follow it.
type node struct {
	fixed   map[string]*node
	param   *node  // {name}
	greedy  *node  // {name+}: one element or more, to the path's end
	name    string // of the parameter that leads here
	methods map[string]Route
}

// Route is an endpoint of the REST API.
type Route struct {
	Method   string // upper case; ANY is every one
	Path     string
	Stream   bool
	Timeout  time.Duration
	Function string
}

// Routes are those of the stack's endpoints.
func Routes(place stack.Place) (routes []Route) {
	for _, f := range place.Functions() {
		if f.Serves() {
			ep := f.Endpoint()
			r := Route{strings.ToUpper(f.Method()), ep.Path, ep.Stream, f.Longest(), place.Name(f)}
			routes = append(routes, r)
			if f.Unknown() {
				r.Path = "/"
				routes = append(routes, r)
			}
		}
	}
	return routes
}

// match is a route with the values of its parameters, decoded.
type match struct {
	Route
	params map[string]string
}

func (n *node) add(r Route) {
	for _, element := range elements(r.Path) {
		n = n.child(element)
	}
	if n.methods == nil {
		n.methods = map[string]Route{}
	}
	n.methods[r.Method] = r
}

func (n *node) child(element string) *node {
	name, isParam := strings.CutPrefix(element, "{")
	if !isParam {
		if n.fixed == nil {
			n.fixed = map[string]*node{}
		}
		if n.fixed[element] == nil {
			n.fixed[element] = &node{}
		}
		return n.fixed[element]
	}
	place := &n.param
	name = strings.TrimSuffix(name, "}")
	if trimmed, isGreedy := strings.CutSuffix(name, "+"); isGreedy {
		place, name = &n.greedy, trimmed
	}
	if *place == nil {
		*place = &node{name: name}
	}
	return *place
}

// elements splits a path; one slash at its end does not count, nor do several
// at its beginning.
func elements(path string) []string {
	path = strings.TrimSuffix(strings.TrimLeft(path, "/"), "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// find returns the route of a request: fixed elements are tried before
// parameters, parameters before those that take the rest. A path that is there
// without the method is not the rest's.
func (n *node) find(method, escaped string) (match, bool) {
	m := match{params: map[string]string{}}
	ok := strings.HasPrefix(escaped, "/") && n.walk(method, elements(escaped), &m)
	return m, ok
}

func (n *node) walk(method string, rest []string, m *match) bool {
	if len(rest) == 0 {
		return n.end(method, m)
	}
	element, err := url.PathUnescape(rest[0])
	if err != nil {
		return false
	}
	if next := n.fixed[element]; next != nil && next.walk(method, rest[1:], m) {
		return true
	}
	if n.param != nil && element != "" && n.param.walk(method, rest[1:], m) {
		m.params[n.param.name] = element
		return true
	}
	if n.greedy != nil && !n.has(rest) && n.greedy.end(method, m) {
		all, err := url.PathUnescape(strings.Join(rest, "/"))
		m.params[n.greedy.name] = all
		return err == nil
	}
	return false
}

// has reports whether there is something at a path, be it only the beginning
// of others.
func (n *node) has(rest []string) bool {
	if len(rest) == 0 {
		return true
	}
	element, err := url.PathUnescape(rest[0])
	next := n.fixed[element]
	return err == nil && (next != nil && next.has(rest[1:]) || n.param != nil && element != "" && n.param.has(rest[1:]))
}

// methods are those that a REST API knows; ANY is the ones of a path that are
// not there by themselves.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

func (n *node) end(method string, m *match) (ok bool) {
	if m.Route, ok = n.methods[method]; !ok && slices.Contains(methods, method) {
		m.Route, ok = n.methods["ANY"]
	}
	return ok
}
