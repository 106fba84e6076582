package openapi_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"griot/internal/access"
	"griot/internal/api/openapi"
)

func document(t *testing.T) (raw []byte, doc map[string]any) {
	t.Helper()
	raw, err := openapi.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return raw, doc
}

// Every version of the document is in testdata/versions, one line each; a
// changed document needs a new version and a new line.
func TestAChangedDocumentHasANewVersion(t *testing.T) {
	raw, doc := document(t)
	sum := sha256.Sum256(raw)
	line := fmt.Sprintf("%s %s", doc["info"].(map[string]any)["version"], hex.EncodeToString(sum[:]))
	history, err := os.ReadFile("testdata/versions")
	if err != nil {
		t.Fatal(err)
	}
	seen, last := map[string]bool{}, ""
	for s := bufio.NewScanner(bytes.NewReader(history)); s.Scan(); {
		version, _, _ := strings.Cut(s.Text(), " ")
		if seen[version] {
			t.Errorf("version %s has two documents", version)
		}
		seen[version], last = true, s.Text()
	}
	if last != line {
		t.Errorf("the document has changed: raise info.version and add its line to testdata/versions:\n%s", line)
	}
}

// walk calls fn with every object of the document and its place.
func walk(place string, v any, fn func(place string, object map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		fn(place, v)
		for name, member := range v {
			walk(place+"/"+name, member, fn)
		}
	case []any:
		for i, elem := range v {
			walk(fmt.Sprintf("%s/%d", place, i), elem, fn)
		}
	}
}

func TestReferencesResolve(t *testing.T) {
	_, doc := document(t)
	used := map[string]bool{}
	walk("#", doc, func(place string, object map[string]any) {
		ref, ok := object["$ref"].(string)
		if !ok {
			return
		}
		used[ref] = true
		at := any(doc)
		for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			members, _ := at.(map[string]any)
			at = members[name]
		}
		if at == nil {
			t.Errorf("%s: %s does not exist", place, ref)
		}
	})
	for kind, components := range doc["components"].(map[string]any) {
		for name := range components.(map[string]any) {
			if ref := "#/components/" + kind + "/" + name; kind != "securitySchemes" && !used[ref] {
				t.Errorf("%s is never used", ref)
			}
		}
	}
}

// A comma in an unquoted text of a flow mapping cuts it and leaves a member
// without a value.
func TestNoTextWasCut(t *testing.T) {
	_, doc := document(t)
	walk("#", doc, func(place string, object map[string]any) {
		for name, v := range object {
			if v == nil && !strings.Contains(place, "/example") {
				t.Errorf("%s: %q has no value", place, name)
			}
		}
	})
}

func TestRequiredMembersHaveASchema(t *testing.T) {
	_, doc := document(t)
	walk("#", doc, func(place string, object map[string]any) {
		required, ok := object["required"].([]any)
		if !ok {
			return
		}
		properties, _ := object["properties"].(map[string]any)
		for _, name := range required {
			if properties[name.(string)] == nil {
				t.Errorf("%s: %s is required, but not described", place, name)
			}
		}
	})
}

func TestEndpointServesTheDocument(t *testing.T) {
	w := httptest.NewRecorder()
	ep := openapi.Endpoint()
	if err := ep.Serve(w, httptest.NewRequest("GET", ep.Path, nil), access.Principal{}); err != nil {
		t.Fatal(err)
	}
	if raw, _ := document(t); !ep.Public || !bytes.Equal(w.Body.Bytes(), raw) {
		t.Errorf("public %v, %d bytes", ep.Public, w.Body.Len())
	}
}
