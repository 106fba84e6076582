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
	"griot/internal/api"
	"griot/internal/api/openapi"
)

// each runs a test on both documents.
func each(t *testing.T, fn func(t *testing.T, raw []byte, doc map[string]any)) {
	t.Helper()
	for name, read := range map[string]func() ([]byte, error){
		"sessions": openapi.JSON, "conversations": openapi.ConversationsJSON,
	} {
		raw, err := read()
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { fn(t, raw, doc) })
	}
}

// Every version of a document is in testdata, one line each, and among the
// changes that clients read; a changed document needs a new version and a new
// line in both.
func TestAChangedDocumentHasANewVersion(t *testing.T) {
	each(t, func(t *testing.T, raw []byte, doc map[string]any) {
		file := map[string]string{"Griot sessions API": "testdata/versions", "Griot conversations API": "testdata/conversations"}[doc["info"].(map[string]any)["title"].(string)]
		sum := sha256.Sum256(raw)
		line := fmt.Sprintf("%s %s", doc["info"].(map[string]any)["version"], hex.EncodeToString(sum[:]))
		history, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := os.ReadFile("../../docs/CHANGELOG.md")
		if err != nil {
			t.Fatal(err)
		}
		half := "\n## Sessions"
		if strings.HasSuffix(file, "conversations") {
			half = "\n## Conversations"
		}
		_, told, _ := strings.Cut(string(changes), half)
		told, _, _ = strings.Cut(told, "\n## ")
		seen, last := map[string]bool{}, ""
		for s := bufio.NewScanner(bytes.NewReader(history)); s.Scan(); {
			version, _, _ := strings.Cut(s.Text(), " ")
			if seen[version] {
				t.Errorf("version %s has two documents", version)
			}
			seen[version], last = true, s.Text()
			if !strings.Contains(told, "- **"+version+"** ") {
				t.Errorf("internal/docs/CHANGELOG.md does not say what %s changed", version)
			}
		}
		if last != line {
			t.Errorf("the document has changed: raise its version in internal/api/version.go and add its line to %s:\n%s", file, line)
		}
	})
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
	each(t, func(t *testing.T, _ []byte, doc map[string]any) {
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
	})
}

// A comma in an unquoted text of a flow mapping cuts it and leaves a member
// without a value.
func TestNoTextWasCut(t *testing.T) {
	each(t, func(t *testing.T, _ []byte, doc map[string]any) {
		walk("#", doc, func(place string, object map[string]any) {
			for name, v := range object {
				if v == nil && !strings.Contains(place, "/example") {
					t.Errorf("%s: %q has no value", place, name)
				}
			}
		})
	})
}

func TestRequiredMembersHaveASchema(t *testing.T) {
	each(t, func(t *testing.T, _ []byte, doc map[string]any) {
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
	})
}

func TestEndpointsServeTheDocuments(t *testing.T) {
	for _, c := range []struct {
		ep  api.Endpoint
		doc func() ([]byte, error)
	}{{openapi.Endpoint(), openapi.JSON}, {openapi.ConversationsEndpoint(), openapi.ConversationsJSON}} {
		w := httptest.NewRecorder()
		if err := c.ep.Serve(w, httptest.NewRequest("GET", c.ep.Path, nil), access.Principal{}); err != nil {
			t.Fatal(err)
		}
		if raw, err := c.doc(); err != nil || !c.ep.Public || !bytes.Equal(w.Body.Bytes(), raw) {
			t.Errorf("%s: public %v, %d bytes, %v", c.ep.Path, c.ep.Public, w.Body.Len(), err)
		}
	}
}
