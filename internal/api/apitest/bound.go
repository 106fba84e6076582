package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Bounds asks for everything that a document bounds: members of bodies,
// parameters of queries, headers. At the bound a request is accepted, one past
// it refused with an error that names the member. The server at base has to
// serve the API whose paths begin with prefix; the variables are those of
// [Run]. Where a request is dear, only one in so many is asked.
func Bounds(t *testing.T, base, prefix string, vars map[string]string, oneIn int) {
	doc, err := documentOf(prefix)
	if err != nil {
		t.Fatal(err)
	}
	w := walk{t: t, doc: doc, base: base, key: vars["KEY"], client: newClient(), things: map[string]string{}, oneIn: oneIn}
	defer w.client.CloseIdleConnections()
	w.make(prefix)
	for _, path := range slices.Sorted(maps.Keys(doc["paths"].(object))) {
		if strings.HasPrefix(path, prefix) {
			w.path(path)
		}
	}
	if w.probes == 0 {
		t.Error("there is nothing that is bounded")
	}
}

// walk goes through a document.
type walk struct {
	t         *testing.T
	doc       object
	base, key string
	client    *http.Client
	things    map[string]string // what there is, by the paths that end with its id
	probes    int
	oneIn     int
}

// passes over a probe, if only some are wanted.
func (w *walk) passes() bool {
	w.probes++
	return w.probes%w.oneIn != 0
}

// make has something for each path to be about. What it is made of are the
// documents' examples.
func (w *walk) make(prefix string) {
	if prefix == "/v1/" {
		var list struct{ Data []struct{ ID string } }
		if _, body := w.ask("GET", "/v1/projects", nil, ""); json.Unmarshal([]byte(body), &list) == nil && len(list.Data) > 0 {
			w.things["prj_"] = list.Data[0].ID
		}
		w.things["/v1/sessions/{id}"] = w.made("/v1/sessions", nil)
		return
	}
	w.things["/api/conversations/{conversationId}"] = w.made("/api/conversations", nil)
	w.things["/api/memories/{id}"] = w.made("/api/memories", nil)
	w.things["/api/memories/named/{name}"] = "made-for-its-bounds"
	w.made("/api/memories", object{"name": "made-for-its-bounds"})
}

// made is the id of what a POST makes.
func (w *walk) made(path string, more object) string {
	op := w.doc["paths"].(object)[path].(object)["post"].(object)
	body := w.example(op)
	maps.Copy(body, more)
	status, answer := w.ask("POST", path, nil, encode(body))
	var made struct {
		ID   string
		Data struct{ ID string }
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated {
		w.t.Fatalf("POST %s: %d %s", path, status, answer)
	}
	return made.ID + made.Data.ID
}

func (w *walk) path(path string) {
	item := w.doc["paths"].(object)[path].(object)
	for _, method := range []string{"get", "post", "put", "patch", "delete"} {
		op, ok := item[method].(object)
		if !ok {
			continue
		}
		at := operation{walk: w, method: strings.ToUpper(method), path: w.fill(path), op: op}
		at.parameters(append(list(item["parameters"]), list(op["parameters"])...))
		if op["requestBody"] != nil {
			schema := resolve(w.doc, media(op)["schema"].(object))
			at.members(schema, "", w.example(op))
		}
	}
}

// fill puts ids into a path.
func (w *walk) fill(path string) string {
	for begins, id := range w.things {
		if rest, ok := strings.CutPrefix(path, begins); ok {
			return begins[:strings.Index(begins, "{")] + id + rest
		}
	}
	if at, to := strings.Index(path, "{"), strings.Index(path, "}"); at >= 0 {
		return path[:at] + "none" + path[to+1:]
	}
	return path
}

func media(op object) object {
	return op["requestBody"].(object)["content"].(object)["application/json"].(object)
}

// example is the first example of a body, or {} where none is given.
func (w *walk) example(op object) object {
	m := media(op)
	value := m["example"]
	if all, ok := m["examples"].(object); ok {
		value = all["live"].(object)["value"]
	}
	copied, _ := copyOf(value).(object)
	if copied == nil {
		copied = object{}
	}
	for name, v := range copied {
		if s, _ := v.(string); w.things["prj_"] != "" && strings.HasPrefix(s, "prj_") {
			copied[name] = w.things["prj_"]
		}
	}
	return copied
}

func (w *walk) ask(method, target string, header http.Header, body string) (int, string) {
	ctx, cancel := context.WithTimeout(w.t.Context(), stepTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.base+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	req.Header.Set("Authorization", "Bearer "+w.key)
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// operation is what the walk looks at.
type operation struct {
	*walk
	method, path string
	op           object
}

// meaning are values that are judged by more than their form.
var meaning = map[string]func(probe) bool{
	"listSessions cursor":                             isGood, // a page has given it
	"listProjects cursor":                             isGood,
	"listConversations cursor":                        isGood,
	"updateNamedMemory .conversationId":               isGood, // it has to be the memory's own
	"appendNamedMemory .conversationId":               isGood,
	"buildContext .scope":                             isGood, // pairs
	"bulkUpdateMemories .updates":                     isGood, // there has to be something
	"bulkUpdateMemories .updates.memoryType":          isNull,
	"bulkUpdateMemories .updates.topics":              isNull,
	"appendNamedMemory .block":                        isGood, // what the memory says already counts, too
	"createSession .interviewee_email":                isNull, // there would have to be an upload
	"createSession .project_id":                       isNull, // and one project only
	"getTranscript after":                             isBad,  // the stream says resync, and begins anew
	"initiateAccountDeletion .confirmationEmail":      isGood, // it has to be the user's
	"importUserData .conversations[0].titleFrom":      isGood, // it is a word or an id
	"importUserData .conversations[0].lastActivityAt": isGood, // it has to have been
	"importUserData .conversations[0].editedAt":       isGood,
	"importUserData .memories[0].createdAt":           isGood,
	"importUserData .memories[0].updatedAt":           isGood,
	"searchMemoriesGet q":                             func(p probe) bool { return p.value == absent || p.value == "" }, // there are no topics
}

// always are parameters that an operation needs unless it has others.
var always = map[string]url.Values{"searchMemoriesGet": {"q": {"x"}}}

func isGood(p probe) bool { return p.good }
func isBad(p probe) bool  { return !p.good }
func isNull(p probe) bool { return p.value == nil }

// judge checks the answer to a request with a value that is good, or not.
func (o operation) judge(name string, p probe, status int, answer string) {
	if judgedByMore := meaning[o.op["operationId"].(string)+" "+name]; judgedByMore != nil && judgedByMore(p) {
		return
	}
	refused := status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge ||
		status == http.StatusUnprocessableEntity && !strings.HasPrefix(o.path, "/v1/") // there it is of the meaning
	if p.good && refused {
		o.t.Errorf("%s %s: %s with %s is refused: %d %.300s", o.method, o.path, name, p, status, answer)
	}
	// An error names an entry, or the list or object that it is in.
	list := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(name, "[0]"), "."+entry), ".")
	if !p.good && (!refused || !strings.Contains(answer, list)) {
		o.t.Errorf("%s %s: %s with %s is not refused by its name: %d %.300s", o.method, o.path, name, p, status, answer)
	}
}

// lists are operations that refuse parameters they do not know.
func (o operation) lists() bool {
	return o.method == http.MethodGet && !strings.HasSuffix(o.path, "/transcript") && o.op["operationId"] != "getMemoryById" && o.op["operationId"] != "getMemoryByName"
}

func (o operation) parameters(all []any) {
	needed := maps.Clone(always[o.op["operationId"].(string)])
	if needed == nil {
		needed = url.Values{}
	}
	var query []object
	for _, raw := range all {
		p := resolve(o.doc, raw.(object))
		schema := resolve(o.doc, p["schema"].(object))
		switch name := p["name"].(string); p["in"] {
		case "header":
			o.header(name, schema)
		case "query":
			query = append(query, p)
			if p["required"] == true {
				needed.Set(name, sample(o.doc, schema).(string))
			}
		}
	}
	for _, p := range query {
		schema := resolve(o.doc, p["schema"].(object))
		for _, probe := range probes(o.doc, schema, p["required"] == true) {
			o.parameter(p["name"].(string), needed, probe)
		}
		if items, ok := schema["items"].(object); ok {
			for _, probe := range probes(o.doc, items, false) {
				o.parameter(p["name"].(string), needed, probe)
			}
		}
	}
	if len(query) > 0 && o.lists() {
		o.parameter("nonesuch", needed, probe{value: "1"})
	}
}

func (o operation) parameter(name string, needed url.Values, p probe) {
	if p.value == nil || p.wrongType || o.passes() { // all values of a query are texts, and none is null
		return
	}
	q := maps.Clone(needed)
	q.Del(name)
	if p.value != absent {
		q.Set(name, word(p.value))
	}
	status, answer := o.ask(o.method, o.path+"?"+q.Encode(), nil, "")
	o.judge(name, p, status, answer)
}

func (o operation) header(name string, schema object) {
	body := ""
	if o.op["requestBody"] != nil {
		body = encode(o.example(o.op))
	}
	for _, p := range probes(o.doc, schema, false) {
		text, ok := p.value.(string)
		if !ok || o.passes() {
			continue
		}
		status, answer := o.ask(o.method, o.path, http.Header{name: {text}}, body)
		o.judge(name, p, status, answer)
	}
}

// nameIn is the name of a member of an object that may have many.
func nameIn(schema object) string {
	names, _ := schema["propertyNames"].(object)
	if few := list(names["enum"]); few != nil {
		return few[0].(string)
	}
	return entry
}

// entry is a name where any may be.
const entry = "anything"

// members walks the members of a body below a place in it.
func (o operation) members(schema object, at string, body object) {
	required := list(schema["required"])
	properties, _ := schema["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		o.member(properties[name].(object), at+"."+name, slices.Contains(required, any(name)), body)
	}
	switch others := schema["additionalProperties"].(type) {
	case bool:
		if !others {
			o.send(at+".nonesuch", probe{value: 1}, body)
		}
	case object:
		o.member(others, at+"."+nameIn(schema), false, body)
	}
}

func (o operation) member(schema object, at string, required bool, body object) {
	schema = resolve(o.doc, schema)
	for _, p := range probes(o.doc, schema, required) {
		o.send(at, p, body)
	}
	within := put(body, at, sample(o.doc, schema))
	switch {
	case schema["items"] != nil:
		items := resolve(o.doc, schema["items"].(object))
		o.member(items, at+"[0]", false, within)
		if !slices.Contains(typesOf(items), any("null")) {
			o.send(at+"[0]", probe{value: nil}, within)
		}
	case schema["properties"] != nil || schema["additionalProperties"] != nil:
		o.members(schema, at, within)
	}
}

func (o operation) send(at string, p probe, body object) {
	if o.passes() {
		return
	}
	status, answer := o.ask(o.method, o.path, nil, encode(put(body, at, p.value)))
	o.judge(at, p, status, answer)
}

// put returns a copy of a body with another value at a place such as
// .segments[0].text.
func put(body object, at string, value any) object {
	out := copyOf(body).(object)
	var into any = out
	parts := pathPart.FindAllStringSubmatch(at, -1)
	for i, part := range parts {
		last := i == len(parts)-1
		switch holder := into.(type) {
		case object:
			if last && value == absent {
				delete(holder, part[1])
			} else if last {
				holder[part[1]] = value
			}
			into = holder[part[1]]
		case []any:
			if last {
				holder[0] = value
			}
			into = holder[0]
		}
	}
	return out
}

func copyOf(v any) any {
	if v == nil {
		return nil
	}
	var out any
	dec := json.NewDecoder(strings.NewReader(encode(v)))
	dec.UseNumber() // 22.0 stays as it is written
	if err := dec.Decode(&out); err != nil {
		panic(err) // it was made of JSON
	}
	return out
}

func encode(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // it was made of JSON
	}
	return b.String()
}

// word is a value as a parameter; lists are words between commas.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, elem := range v {
			words[i] = word(elem)
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(v)
}
