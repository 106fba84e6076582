package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"griot/internal/search"
	"griot/internal/table"
)

// indexOf is an index of these texts, a conversation each, named by letters.
func indexOf(t *testing.T, texts ...string) *search.Index {
	t.Helper()
	index, closed, err := newIndex()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closed)
	for i, text := range texts {
		op := index.Put("ws_1", search.Doc{Conversation: fmt.Sprintf("%c", 'a'+i), Memory: "m", Text: text})
		if err := index.Table.Transact(t.Context(), []table.Op{op}); err != nil {
			t.Fatal(err)
		}
	}
	return index
}

// found is the conversations that a query finds, best first.
func found(t *testing.T, index *search.Index, query string) string {
	t.Helper()
	var out strings.Builder
	for hit, err := range index.Search(t.Context(), "ws_1", search.Query{Text: query}) {
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(hit.Conversation)
	}
	return out.String()
}

// What a query finds, and nothing else.
func TestFinds(t *testing.T) {
	index := indexOf(t,
		"The procurement department signed the amendment with Przybylski.",          // a
		"Grafana dashboards show the latency of the checkout gateway.",              // b
		"The gateway for the checkout: latency is what dashboards are for.",         // c
		"A green wooden door, and a red iron gate behind it.",                       // d
		"The door is red, the gate is green and wooden.",                            // e
		"Authorizations expire; an authorizer renews them at the start of the day.", // f
	)
	for _, c := range []struct{ name, query, want string }{
		{"a letter too few", "procurment", "a"},
		{"a letter too many", "deppartment", "a"},
		{"letters swapped", "amednment", "a"},
		{"another letter", "grofana", "b"},
		{"a name that is hard to write", "Przbylski", "a"},
		{"the first letter", "rafana", "b"},
		{"the first letters swapped", "rgafana", "b"},
		{"two mistakes in a long word", "procuremnet deprtament", "a"},
		{"two mistakes in a short word", "grfanna", ""},
		{"a beginning", "procure", "a"},
		{"a short one", "dash", "bc"},
		{"of several words", "auth", "f"},
		{"a beginning with a star", "gatew*", "bc"},
		{"a star alone", "* door", "de"},
		{"nothing near", "qwvxyz", ""},
		{"a known word has no near ones in English", "with the gate", "de"},
		{"a phrase", `"green wooden door"`, "d"},
		{"a phrase with a common word", `"gate is green"`, "e"},
		{"another common word in its place", `"start of a day"`, "f"},
		{"a phrase that nobody said", `"green iron door"`, ""},
		{"two phrases", `"red iron" “wooden door”`, "d"},
		{"a phrase and a word", `latency "checkout gateway"`, "b"},
		{"one phrase is not there", `"checkout gateway" "green gate"`, ""},
		{"an unknown word in quotes has no near ones", `"grofana"`, ""},
		{"a phrase that is not closed", `"wooden green`, "de"},
		{"without a word", "gateway -grafana", "c"},
		{"without a phrase", `door -"red iron"`, "e"},
		{"without a word that nobody said", "gateway -unheard", "bc"},
		{"without what is looked for", "grafana -grafana", ""},
		{"nothing but what is excluded", "-grafana", "b"},
	} {
		got := []byte(found(t, index, c.query))
		slices.Sort(got)
		if string(got) != c.want {
			t.Errorf("%s: %s finds %q, want %q", c.name, c.query, got, c.want)
		}
	}
}

// What stands beside each other in the query does so in the first hit, though
// all are as long and have the same words.
func TestNeighboursAreFirst(t *testing.T) {
	index := indexOf(t,
		"a winter harbour, pilots wait for tugs",
		"pilots in winter wait for harbour tugs",
		"tugs wait for winter, pilots in a harbour",
	)
	for query, want := range map[string]string{"harbour tugs": "b", "winter harbour": "a", "winter pilots": "c"} {
		if got := found(t, index, query); got[:1] != want {
			t.Errorf("%s finds %q, want %s first", query, got, want)
		}
	}
}

// A snippet shows what was found in place of a word that nobody wrote.
func TestSnippetsShowNearTerms(t *testing.T) {
	text := strings.Repeat("Nothing of interest here. ", 30) + "Priya restarts the reconciliation by hand. " + strings.Repeat("Nothing more of it. ", 30)
	index := indexOf(t, text)
	for match, err := range index.Memories(t.Context(), "ws_1", search.Query{Text: "reconcilation"}) {
		if err != nil {
			t.Fatal(err)
		}
		if snippet := search.Snippet(text, match.Terms, 60); !strings.Contains(snippet, "reconciliation") {
			t.Errorf("%q", snippet)
		}
		return
	}
	t.Error("nothing is found")
}
