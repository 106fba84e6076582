package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"griot/internal/access"
	"griot/internal/api"
)

// echo answers with the name of the route and what its parameters are.
func echo(name, method, path string, params ...string) api.Endpoint {
	return api.Endpoint{Name: name, Method: method, Path: path,
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			got := name
			for _, param := range params {
				got += " " + param + "=" + r.PathValue(param)
			}
			return api.WriteJSON(w, r, http.StatusOK, got)
		}}
}

func TestFixedElementsGoBeforeParameters(t *testing.T) {
	h := newHost(
		echo("get", "GET", "/api/things/{id}", "id"),
		echo("delete", "DELETE", "/api/things/{id}", "id"),
		echo("bulk", "DELETE", "/api/things/bulk"),
		echo("search", "POST", "/api/things/search"),
		echo("siblings", "GET", "/api/things/{id}/siblings", "id"),
		echo("named", "GET", "/api/things/named/{name}", "name"),
		echo("part", "GET", "/api/things/{thing}/parts/{part}", "thing", "part"),
	)
	for _, c := range []struct{ method, target, want string }{
		{"GET", "/api/things/1", "get id=1"},
		{"DELETE", "/api/things/1", "delete id=1"},
		{"DELETE", "/api/things/bulk", "bulk"},
		{"POST", "/api/things/search", "search"},
		{"GET", "/api/things/search", "get id=search"},
		{"GET", "/api/things/bulk", "get id=bulk"},
		{"GET", "/api/things/1/siblings", "siblings id=1"},
		{"GET", "/api/things/named/siblings", "named name=siblings"},
		{"GET", "/api/things/named/x", "named name=x"},
		{"GET", "/api/things/named/parts/2", "part thing=named part=2"},
		{"GET", "/api/things/a%2Fb/parts/%20", "part thing=a/b part= "},
	} {
		w := h.do(c.method, c.target, "")
		var got string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.target, w.Body, c.want)
		}
	}
	for _, target := range []string{"/api/things", "/api/things/1/", "/api/things/1/parts", "/api/things/1/parts/2/3"} {
		if w := h.do("GET", target, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestTwoEndpointsForOneRouteAreAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	newHost(echo("a", "GET", "/v1/{x}"), echo("b", "GET", "/v1/{y}"))
}

// The event has the client's name and version, and nothing else of what the
// clients say about themselves.
func TestTheClientIsLogged(t *testing.T) {
	for header, want := range map[string]any{
		"mx-cli/1.7.235 os=linux node=v20.20.2 agent=terminal": "mx-cli/1.7.235",
		"memnexus/2.0.0-beta.1":                                "memnexus/2.0.0-beta.1",
		"":                                                     nil,
		"cmk_live_0123456789abcdef.secret":                     nil,
		"aria@acme.example/1":                                  nil,
	} {
		h := newHost(echo("get", "GET", "/api/things"))
		h.do("GET", "/api/things", "", "X-MX-Client", header, "X-MX-Project", "private", "X-MX-Team", "private")
		if got := h.event(t)["client"]; got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
		if log := h.log.String(); len(log) == 0 || containsAny(log, "private", "os=linux", "secret") {
			t.Errorf("the log has too much: %s", log)
		}
	}
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
