package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"griot/infra/stack"
	"griot/internal/api"
)

var update = flag.Bool("update", false, "write the JSON")

// The documents are what the YAML says, which is paths, prose and errors, and
// what the endpoints' own structs say of queries, bodies and answers.
func TestDocumentsAreGenerated(t *testing.T) {
	documents := map[string][]api.Endpoint{}
	for _, ep := range stack.Endpoints() {
		name := "openapi"
		if strings.HasPrefix(ep.Path, "/api/") {
			name = "conversations"
		}
		documents[name] = append(documents[name], ep)
	}
	for name, endpoints := range documents {
		version := map[string]string{"openapi": api.SessionsVersion, "conversations": api.ConversationsVersion}[name]
		source, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		g := generator{t: t, doc: parse(t, source), structs: map[string]reflect.Type{}, described: map[string]bool{}}
		g.version(version)
		g.endpoints(endpoints)
		g.limitedErrors()
		want := encode(t, g.doc)
		if *update {
			if err := os.WriteFile(name+".json", want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name + ".json")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s.json is not what the YAML and the endpoints say (%v): go test ./internal/api/openapi -update", name, err)
		}
	}
}

// mapping is a mapping in its order.
type mapping []entry

type entry struct {
	Key   string
	Value any
}

func parse(t *testing.T, source []byte) mapping {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(source, &doc); err != nil {
		t.Fatal(err)
	}
	return parsed(t, doc.Content[0]).(mapping)
}

func parsed(t *testing.T, n *yaml.Node) (v any) {
	t.Helper()
	switch {
	case n.Kind == yaml.MappingNode:
		m := make(mapping, len(n.Content)/2)
		for i := range m {
			m[i] = entry{n.Content[2*i].Value, parsed(t, n.Content[2*i+1])}
		}
		return m
	case n.Kind == yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, element := range n.Content {
			list[i] = parsed(t, element)
		}
		return list
	case n.Kind == yaml.AliasNode:
		return parsed(t, n.Alias)
	case n.Tag == "!!timestamp": // which JSON has not
		return n.Value
	}
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// generator adds to a document what endpoints read and answer.
type generator struct {
	t         *testing.T
	doc       mapping
	structs   map[string]reflect.Type // of answers, by the names of their schemas
	described map[string]bool         // the names of the schemas that were added
}

func (g *generator) version(v string) {
	info := g.doc[index(g.doc, "info")].Value.(mapping)
	g.doc[index(g.doc, "info")].Value = slices.Insert(info, index(info, "title")+1, entry{Key: "version", Value: v})
}

// bodies are the names of schemas of bodies that are not called as their
// operation is, by operation.
var bodies = map[string]string{
	"createSession": "SessionCreate", "appendSegments": "SegmentAppend", "createUpload": "UploadCreate", "createProject": "ProjectCreate",
	"createConversation": "ConversationCreate", "renameConversation": "ConversationChange", "searchConversations": "Search",
	"findConversationsByTopic": "ByTopic", "createMemory": "MemoryCreate", "updateMemory": "MemoryUpdate", "updateNamedMemory": "NamedUpdate",
	"bulkDeleteMemories": "BulkDelete", "getMemoriesBatch": "Batch", "searchMemories": "MemorySearch", "searchTopics": "TopicSearch",
	"mergeTopics": "TopicMerge", "createApiKey": "KeyCreate",
}

func (g *generator) endpoints(all []api.Endpoint) {
	described := map[string]bool{}
	paths := g.doc[index(g.doc, "paths")].Value.(mapping)
	for _, path := range paths {
		for _, item := range path.Value.(mapping) {
			if method := strings.ToUpper(item.Key); method != "PARAMETERS" {
				described[method+" "+path.Key] = true
			}
		}
	}
	for _, ep := range all {
		if name := ep.Method + " " + ep.Path; !described[name] {
			g.t.Errorf("%s is not documented", name)
		} else {
			delete(described, name)
			g.operation(paths, ep)
		}
	}
	for name := range described {
		g.t.Errorf("%s is documented, and there is no such endpoint", name)
	}
}

func (g *generator) operation(paths mapping, ep api.Endpoint) {
	path := paths[index(paths, ep.Path)].Value.(mapping)
	at := index(path, strings.ToLower(ep.Method))
	op := path[at].Value.(mapping)
	if ep.Query != nil {
		if i := index(op, "parameters"); i >= 0 {
			op[i].Value = append(op[i].Value.([]any), parameters(ep.Query)...)
		} else {
			op = slices.Insert(op, index(op, "responses"), entry{Key: "parameters", Value: parameters(ep.Query)})
		}
	}
	if i := index(op, "requestBody"); ep.Body != nil && i >= 0 {
		id := op[index(op, "operationId")].Value.(string)
		name := bodies[id]
		if name == "" {
			name = strings.ToUpper(id[:1]) + id[1:]
		}
		content := op[i].Value.(mapping)
		media := content[index(content, "content")].Value.(mapping)[0].Value.(mapping)
		of := mapping{{Key: "schema", Value: ref(name)}}
		op[i].Value.(mapping)[index(content, "content")].Value.(mapping)[0].Value = append(of, media...)
		g.component(name, body(ep.Body, ep.Strict))
	} else if (ep.Body != nil) != (i >= 0) {
		g.t.Errorf("%s: only one of its body and its documentation is there", ep.Name)
	}
	if ep.Answer != nil {
		g.answer(op, ep.Answer)
	}
	if !ep.Public {
		g.limited(op)
	}
	path[at].Value = op
}

func (g *generator) component(name string, schema mapping) {
	components := g.doc[index(g.doc, "components")].Value.(mapping)
	at := index(components, "schemas")
	schemas := components[at].Value.(mapping)
	if g.described[name] {
		g.t.Errorf("the schema %s is of two things", name)
	}
	g.described[name] = true
	if i := index(schemas, name); i >= 0 {
		schemas[i].Value = g.completed(name, schema, schemas[i].Value.(mapping))
		return
	}
	components[at].Value = append(schemas, entry{Key: name, Value: schema})
}

// completed adds to a schema what the YAML has of it: an example, and what is
// to be said of all of it.
func (g *generator) completed(name string, schema, written mapping) mapping {
	for _, item := range written {
		if item.Key != "example" && item.Key != "description" {
			g.t.Errorf("%v of the schema %s is written, and it is generated", item.Key, name)
		}
	}
	return append(schema, written...)
}

func index(m mapping, key string) int {
	return slices.IndexFunc(m, func(item entry) bool { return item.Key == key })
}

// encode writes JSON in the order of the document.
func encode(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	var write func(v any)
	write = func(v any) {
		switch v := v.(type) {
		case mapping:
			separated(&b, "{", "}", len(v), func(i int) {
				write(v[i].Key)
				b.WriteByte(':')
				write(v[i].Value)
			})
		case []any:
			separated(&b, "[", "]", len(v), func(i int) { write(v[i]) })
		default:
			var scalar bytes.Buffer
			enc := json.NewEncoder(&scalar)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			for _, c := range strings.TrimSpace(scalar.String()) {
				b.WriteString(visible(c))
			}
		}
	}
	write(v)
	return b.Bytes()
}

// visible escapes what cannot be seen, such as the bounds of a pattern's
// classes.
func visible(c rune) string {
	switch {
	case unicode.IsPrint(c):
		return string(c)
	case c > 0xFFFF:
		high, low := utf16.EncodeRune(c)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, c)
}

func separated(b *bytes.Buffer, begin, end string, n int, each func(i int)) {
	b.WriteString(begin)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		each(i)
	}
	b.WriteString(end)
}
