package dynamo

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
)

func tableOf(name string) table.Name { return table.Name("our " + name) }

func row(name, pk, sk string, attrs table.Attrs) table.Item {
	return table.Item{Key: table.Key{Table: table.Name("our " + name), PK: pk, SK: sk}, Attrs: attrs}
}

func TestRowsAreTakenOutOfAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer, rest string
		items        []table.Item
	}{
		"a page": {
			`{"Count":2,"Items":[{"sk":{"S":"a"},"pk":{"S":"p"},"n":{"N":"-12"}},{"pk":{"S":"p"},"b":{"B":"AP8="},"sk":{"S":"b"}}],"ScannedCount":3}`,
			`{"Count":2,"Items":[],"ScannedCount":3}`,
			[]table.Item{row("", "p", "a", table.Attrs{"n": int64(-12)}), row("", "p", "b", table.Attrs{"b": []byte{0, 255}})},
		},
		"rows of several partitions": {
			`{"Items":[{"pk":{"S":"p"},"sk":{"S":"a"}},{"pk":{"S":"q"},"sk":{"S":"a"}}]}`, `{"Items":[]}`,
			[]table.Item{row("", "p", "a", table.Attrs{}), row("", "q", "a", table.Attrs{})},
		},
		"an empty page": {`{"Items":[]}`, `{"Items":[]}`, nil},
		"no rows":       {`{"Count":0}`, `{"Count":0}`, nil},
		"nothing":       {`{}`, `{}`, nil},
		"a batch": {
			`{"Responses":{"x":[{"pk":{"S":"p"},"sk":{"S":"a"}}],"y":[]},"UnprocessedKeys":{"x":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"]}"}}]}}}`,
			`{"Responses":{},"UnprocessedKeys":{"x":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"]}"}}]}}}`,
			[]table.Item{row("x", "p", "a", table.Attrs{})},
		},
		"white space": {
			" {\n\t\"Items\" : [ { \"pk\" : { \"S\" : \"p\" } , \"sk\" : { \"S\" : \"a\" } } ] , \"Count\" : 1 } ",
			" {\n\t\"Items\" : [] , \"Count\" : 1 } ",
			[]table.Item{row("", "p", "a", table.Attrs{})},
		},
		"texts": {
			`{"Items":[{"pk":{"S":"p"},"sk":{"S":"a"},"s":{"S":"\"\\\/\u00e9\ud83d\ude00é😀{}[]"},"empty":{"S":""},"none":{"B":""},"\"":{"S":"\\"}}]}`,
			`{"Items":[]}`,
			[]table.Item{row("", "p", "a", table.Attrs{"s": `"\/é😀é😀{}[]`, "empty": "", "none": []byte{}, `"`: `\`})},
		},
		"half of a character": {
			`{"Items":[{"pk":{"S":"p"},"sk":{"S":"a"},"s":{"S":"\ud83d ` + "\xff" + `"}}]}`, `{"Items":[]}`,
			[]table.Item{row("", "p", "a", table.Attrs{"s": "\ufffd \ufffd"})},
		},
	} {
		t.Run(name, func(t *testing.T) {
			items, rest, err := takeRows([]byte(test.answer), tableOf)
			if err != nil || string(rest) != test.rest {
				t.Errorf("there is left %s, %v", rest, err)
			}
			if diff := cmp.Diff(test.items, items); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is not as DynamoDB writes it, or of a type that griot does not write, is
// left to the SDK whole.
func TestOtherAnswersAreLeftAsTheyAre(t *testing.T) {
	of := func(value string) string { return `{"Items":[{"pk":{"S":"p"},"sk":{"S":"a"},"x":` + value + `}]}` }
	for name, answer := range map[string]string{
		"empty": "", "a word": "null", "a list": "[]", "cut": `{"Items":[{"pk":{"S":"p`, "cut later": `{"Items":[],"Count":`,
		"more": `{"Items":[]} {}`, "no comma": `{"Items":[]"Count":1}`, "no value": `{"Items"}`, "a comma too many": `{"Items":[],}`,
		"rows of null": `{"Items":null}`, "a row of null": `{"Items":[null]}`, "an escape": `{"Items":[{"p\k":{"S":""}}]}`,
		"a line": of("{\"S\":\"\n\"}"), "no type": of(`{}`), "two types": of(`{"S":"a","N":"1"}`), "a set": of(`{"SS":["a"]}`),
		"a truth": of(`{"BOOL":true}`), "a fraction": of(`{"N":"1.5"}`), "too large": of(`{"N":"9223372036854775808"}`),
		"no base64": of(`{"B":"?"}`), "an unknown type": of(`{"X":"a"}`), "no object": of(`"a"`),
	} {
		if items, _, err := takeRows([]byte(answer), tableOf); err == nil {
			t.Errorf("%s: %s has rows %v", name, answer, items)
		}
	}
}

// FuzzRows compares with encoding/json, by whose rules the SDK goes.
func FuzzRows(f *testing.F) {
	f.Add(`{"Count":2,"Items":[{"sk":{"S":"a"},"pk":{"S":"p"},"n":{"N":"-12"}},{"pk":{"S":"p"},"b":{"B":"AP8="},"sk":{"S":"\u00e9"}}]}`)
	f.Add(`{"Responses":{"x":[{"pk":{"S":"p"},"sk":{"S":"a"}}]},"UnprocessedKeys":{},"ConsumedCapacity":[{"CapacityUnits":1.5}]}`)
	f.Fuzz(func(t *testing.T, answer string) {
		items, rest, err := takeRows([]byte(answer), tableOf)
		if err != nil {
			return
		}
		type values = map[string]map[string]string
		var want, left struct {
			Items     []values
			Responses map[string][]values
		}
		if err := json.Unmarshal([]byte(answer), &want); err != nil {
			t.Fatalf("rows of no answer: %v", err)
		}
		if err := json.Unmarshal(rest, &left); err != nil || len(left.Items)+len(left.Responses) > 0 {
			t.Fatalf("there is left %s, %v", rest, err)
		}
		if strings.Count(answer, "tems") > 1 || strings.Count(answer, "esponses") > 1 || strings.Contains(answer, `\`) {
			return // the same member twice, or in other letters, which Unmarshal takes for the same
		}
		n := len(want.Items)
		for _, rows := range want.Responses {
			n += len(rows)
		}
		if len(items) != n {
			t.Errorf("%d rows of %d", len(items), n)
		}
		for i, values := range want.Items {
			for attr, value := range values {
				if s, is := value["S"]; is && attr == "sk" && items[i].SK != s {
					t.Errorf("the sort key %q, want %q", items[i].SK, s)
				} else if is && attr != "pk" && attr != "sk" && items[i].Str(attr) != s {
					t.Errorf("%q is %q, want %q", attr, items[i].Str(attr), s)
				}
			}
		}
	})
}
