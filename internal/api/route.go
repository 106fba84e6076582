package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// routes finds the endpoint of a path, element by element. A fixed element
// goes before a parameter, as with gateways; net/http's mux refuses pairs
// such as /named/{name} and /{id}/siblings. What serves GET serves HEAD.
type routes struct {
	fixed     map[string]*routes
	param     *routes
	endpoints map[string]route // by method
}

type route struct {
	Endpoint
	params []string // names of the parameters, from the left
}

func (n *routes) add(ep Endpoint) {
	added := route{Endpoint: ep}
	for _, element := range strings.Split(ep.Path, "/") {
		name, isParam := strings.CutPrefix(element, "{")
		if isParam {
			added.params = append(added.params, strings.TrimSuffix(name, "}"))
		}
		n = n.child(element, isParam)
	}
	if _, twice := n.endpoints[ep.Method]; twice {
		panic("api: two endpoints for " + ep.Method + " " + ep.Path)
	}
	if n.endpoints == nil {
		n.endpoints = map[string]route{}
	}
	n.endpoints[ep.Method] = added
}

func (n *routes) child(element string, isParam bool) *routes {
	if isParam {
		if n.param == nil {
			n.param = &routes{}
		}
		return n.param
	}
	if n.fixed[element] == nil {
		if n.fixed == nil {
			n.fixed = map[string]*routes{}
		}
		n.fixed[element] = &routes{}
	}
	return n.fixed[element]
}

// find returns the endpoint of a request, and gives the request the values of
// the path's parameters.
func (n *routes) find(r *http.Request) (Endpoint, bool) {
	elements := strings.Split(r.URL.EscapedPath(), "/")
	for i, element := range elements {
		plain, err := url.PathUnescape(element)
		if err != nil {
			return Endpoint{}, false
		}
		elements[i] = plain
	}
	found, values, ok := n.match(r.Method, elements, nil)
	for i, name := range found.params {
		r.SetPathValue(name, values[i])
	}
	return found.Endpoint, ok
}

func (n *routes) match(method string, elements, values []string) (route, []string, bool) {
	if len(elements) == 0 {
		found, ok := n.endpoints[method]
		if !ok && method == http.MethodHead {
			found, ok = n.endpoints[http.MethodGet]
		}
		return found, values, ok
	}
	if next := n.fixed[elements[0]]; next != nil {
		if found, values, ok := next.match(method, elements[1:], values); ok {
			return found, values, true
		}
	}
	if n.param == nil || elements[0] == "" {
		return route{}, nil, false
	}
	return n.param.match(method, elements[1:], append(slices.Clip(values), elements[0]))
}
