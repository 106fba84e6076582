package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/api/openapi"
)

const (
	limitsBegin = "<!-- limits -->\n"
	limitsEnd   = "<!-- end -->"
)

// The contract's table of limits is what the documents say.
func TestLimitsAreThoseOfTheDocuments(t *testing.T) {
	var want strings.Builder
	want.WriteString("| request | member | limit |\n|---|---|---|\n")
	for _, read := range []func() ([]byte, error){openapi.JSON, openapi.ConversationsJSON} {
		var doc object
		if data, err := read(); err != nil || json.Unmarshal(data, &doc) != nil {
			t.Fatal(err)
		}
		limits{doc, &want}.write()
	}
	source, err := os.ReadFile("contract.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(source), limitsBegin)
	got, after, ok := strings.Cut(rest, limitsEnd)
	if !ok {
		t.Fatal("contract.md has no table of limits")
	}
	if *update {
		if err := os.WriteFile("contract.md", []byte(before+limitsBegin+want.String()+limitsEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(got, want.String()); diff != "" {
		t.Errorf("the contract's limits are not those of the documents: go test ./internal/docs -run Limits -update\n%s", diff)
	}
}

type object = map[string]any

// limits writes a row for each bound of a request.
type limits struct {
	doc object
	out *strings.Builder
}

func (l limits) write() {
	paths := l.doc["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			op, ok := paths[path].(object)[method].(object)
			if !ok {
				continue
			}
			request := "`" + strings.ToUpper(method) + " " + path + "`"
			parameters, _ := op["parameters"].([]any)
			for _, p := range parameters {
				if p := p.(object); p["in"] == "query" {
					l.member(request, "?"+p["name"].(string), p["schema"].(object))
				}
			}
			if body, ok := op["requestBody"].(object); ok {
				l.member(request, "", body["content"].(object)["application/json"].(object)["schema"].(object))
			}
		}
	}
}

func (l limits) member(request, at string, schema object) {
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		schema = l.doc["components"].(object)["schemas"].(object)[name].(object)
	}
	for _, unit := range []struct{ least, most, of string }{
		{"minLength", "maxLength", "characters"}, {"minItems", "maxItems", "entries"}, {"minProperties", "maxProperties", "members"}, {"minimum", "maximum", ""},
	} {
		if most, ok := schema[unit.most].(float64); ok && (unit.of != "" || most < 1<<40) {
			least, _ := schema[unit.least].(float64)
			fmt.Fprintf(l.out, "| %s | `%s` | %s |\n", request, at, strings.TrimSpace(bounds(least, most)+" "+unit.of))
		}
	}
	if items, ok := schema["items"].(object); ok {
		l.member(request, at+"[]", items)
	}
	if others, ok := schema["additionalProperties"].(object); ok {
		l.member(request, at+".*", others)
	}
	properties, _ := schema["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		l.member(request, strings.TrimPrefix(at+"."+name, "."), properties[name].(object))
	}
}

func bounds(least, most float64) string {
	if least == 0 {
		return "at most " + grouped(most)
	}
	return grouped(least) + " to " + grouped(most)
}

// grouped writes thousands apart.
func grouped(n float64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03.0f", grouped(math.Floor(n/1000)), math.Mod(n, 1000))
}
