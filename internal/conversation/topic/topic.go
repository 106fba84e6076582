// Package topic counts what memories are about. A topic is its name, however
// it is written: its id is derived from the workspace and the folded name.
//
// A transaction that changes a memory's topics adds to one link row per topic
// in the conversation's partition, and leaves one delta row for the
// workspace's totals. Fold moves deltas into the totals; readers add those
// that are not folded yet.
package topic

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/text"
)

// Topic is a name with the number of memories that carry it now.
type Topic struct {
	ID        string // a lower-case UUID
	Name      string // as it was first written
	Memories  int64
	CreatedAt time.Time // of its first memory
}

// Index keeps the topics of all workspaces.
type Index struct {
	Table table.Store
}

// Clean returns a name as it is kept: as it was spelled, composed, without
// space around it.
func Clean(name string) string { return strings.TrimSpace(norm.NFC.String(name)) }

// Fold returns the form in which names of the same topic are equal: without
// differences of letter case, of width and of invisible characters, and with one
// space for any white space.
func Fold(name string) string {
	if ascii(name) { // most are, and this takes a twentieth of the time
		return strings.Join(strings.Fields(strings.ToLower(name)), " ")
	}
	return foldAny(name)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func foldAny(name string) string {
	folded := cases.Fold().String(norm.NFKC.String(name))
	return strings.Join(strings.Fields(norm.NFKC.String(text.Seen(folded))), " ")
}

// ID returns the id of the topic that a name names in a workspace.
func ID(workspace, name string) string { return id.DerivedUUID("topic", workspace, Fold(name)) }

// earlierID is what ID returned when Fold removed differences of case and of
// composition only. Memories from then are counted under it until they change; see
// memory.Memory.Named.
func earlierID(workspace, name string) string {
	return id.DerivedUUID("topic", workspace, norm.NFC.String(cases.Fold().String(Clean(name))))
}

// IDs returns the ids under which a name may be known: ID, and the earlier one if
// it differs.
func IDs(workspace, name string) []string {
	ids := []string{ID(workspace, name)}
	if earlier := earlierID(workspace, name); earlier != ids[0] {
		ids = append(ids, earlier)
	}
	return ids
}

// Named is a topic of a memory.
type Named struct{ ID, Name string }

// Names returns the topics that have the names.
func Names(workspace string, names []string) []Named { return named(workspace, names, ID) }

// EarlierNames is Names with earlier ids.
func EarlierNames(workspace string, names []string) []Named {
	return named(workspace, names, earlierID)
}

func named(workspace string, names []string, idOf func(workspace, name string) string) []Named {
	out := make([]Named, len(names))
	for i, name := range names {
		out[i] = Named{idOf(workspace, name), name}
	}
	return out
}

// Has reports whether one of the topics has an id.
func Has(topics []Named, topicID string) bool {
	return slices.ContainsFunc(topics, func(t Named) bool { return t.ID == topicID })
}

// Change adds N to the number of memories with a topic. It needs no Name unless N
// is positive.
type Change struct {
	ID, Name string
	N        int64
}

// Changes returns the difference between the topics of a memory before and after a
// change. Neither list may have a topic twice.
func Changes(before, after []Named) []Change {
	var out []Change
	for _, t := range after {
		if !Has(before, t.ID) {
			out = append(out, Change{ID: t.ID, Name: t.Name, N: 1})
		}
	}
	for _, t := range before {
		if !Has(after, t.ID) {
			out = append(out, Change{ID: t.ID, N: -1})
		}
	}
	return out
}

// Distinct returns clean names, each topic once, blank ones left out.
func Distinct(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, name := range names {
		name = Clean(name)
		if folded := Fold(name); !text.Blank(name) && !seen[folded] {
			seen[folded] = true
			out = append(out, name)
		}
	}
	return out
}
