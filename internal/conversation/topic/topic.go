// Package topic counts what memories are about. A topic is its name, however
// it is written: its id is derived from the workspace and the folded name.
//
// A transaction that changes a memory's topics adds to one link row per topic
// in the conversation's partition, and leaves one delta row for the
// workspace's totals. Fold moves deltas into the totals; readers add those
// that are not folded yet.
package topic

import (
	"strings"
	"time"

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

// Clean returns a name as it is kept: composed, without space around it.
func Clean(name string) string { return strings.TrimSpace(norm.NFC.String(name)) }

// Fold returns what names of the same topic have in common.
func Fold(name string) string {
	return norm.NFC.String(cases.Fold().String(Clean(name)))
}

// ID returns the id of the topic that a name names in a workspace.
func ID(workspace, name string) string { return id.DerivedUUID("topic", workspace, Fold(name)) }

// Change is by how much the number of memories with a topic changes. A change
// that only lowers it needs no Name.
type Change struct {
	ID, Name string
	N        int64
}

// Changes returns how the topics of a memory change from before to after.
func Changes(workspace string, before, after []string) []Change {
	var out []Change
	old := IDs(workspace, before)
	kept := map[string]bool{}
	for _, name := range after {
		topicID := ID(workspace, name)
		kept[topicID] = true
		if !old[topicID] {
			out = append(out, Change{ID: topicID, Name: name, N: 1})
		}
	}
	for _, name := range before {
		if topicID := ID(workspace, name); !kept[topicID] {
			out = append(out, Change{ID: topicID, N: -1})
		}
	}
	return out
}

// IDs returns the set of the topics that names name.
func IDs(workspace string, names []string) map[string]bool {
	ids := make(map[string]bool, len(names))
	for _, name := range names {
		ids[ID(workspace, name)] = true
	}
	return ids
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
