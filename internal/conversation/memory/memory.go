// Package memory has what a memory is, how it is kept and how it is read: a
// row in the partition of its conversation, in the order of its timeline, and
// two small rows by which it is found by id and listed by creation.
package memory

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"griot/internal/conversation/topic"
)

// Types of a memory; the first is the default.
var Types = []string{"episodic", "semantic", "procedural"}

// Roles of whoever said it; "" is none.
var Roles = []string{"user", "assistant", "system"}

// Outcomes of the task that a memory is about; "" is none.
var Outcomes = []string{"resolved", "unresolved"}

// Bounds in characters (contract B.6).
const (
	MaxContent = 50_000
	MaxTopics  = 50 // topics
	MaxTopic   = 100
)

// Memory is one thing said or known. Zero times and "" mean that it has none.
// Times have millisecond precision, UTC.
type Memory struct {
	ID           string // a random lower-case UUID
	Conversation string
	Session      string // session_…: memories with less than 90 minutes in between
	Content      string
	Type         string
	Role         string
	Name         string
	Context      string
	Outcome      string
	TaskID       string
	Topics       []string
	CodeContext  *CodeContext
	Version      int64     // from 1
	CreatedAt    time.Time // also the wire's timestamp
	UpdatedAt    time.Time
	EventTime    time.Time
	ValidFrom    time.Time
	ValidTo      time.Time
	Links        []Link // at most MaxRelationships, in both directions

	claim   string // sort key of the pointer to the stored answer that made it
	earlier bool   // its topics are counted under topic.EarlierNames
	passage bool   // see AsPassage
	taken   bool   // out of an archive: its words are nobody else's, whatever its id is derived of
	counted int64  // bytes of it that count in its conversation, as its row says

	kept      int64 // how many versions were ever kept, see remembers
	keptBytes int64 // of those that still are

	linked int64 // how often its links have changed
}

// CodeContext says what piece of work a memory belongs to.
type CodeContext struct {
	Product   string            `json:"product,omitempty" is:"..200"`
	Repo      string            `json:"repo,omitempty" is:"..200"`
	Service   string            `json:"service,omitempty" is:"..200"`
	Component string            `json:"component,omitempty" is:"..200"`
	Team      string            `json:"team,omitempty" is:"..200"`
	Role      string            `json:"role,omitempty" is:"..200"`
	Extra     map[string]string `json:"extra,omitempty" is:"..10 names ..200 each ..500"`
}

// Named returns the memory's topics as they are counted.
func (m Memory) Named(workspace string) []topic.Named {
	if m.earlier {
		return topic.EarlierNames(workspace, m.Topics)
	}
	return topic.Names(workspace, m.Topics)
}

// WithTopics returns the memory with other topics, each once.
func (m Memory) WithTopics(names []string) Memory {
	m.Topics, m.earlier = topic.Distinct(names), false
	return m
}

// AsPassage returns the memory as one of a passage of a session, which is to
// follow what is found in that until somebody edits it.
func (m Memory) AsPassage() Memory {
	m.passage = true
	return m
}

// Edited returns the memory as somebody's own.
func (m Memory) Edited() Memory {
	m.passage = false
	return m
}

// Unedited reports whether a memory that was made of a passage is still as it
// was made, but for its topics. Before that was noted, a change left another
// version only.
func (m Memory) Unedited() bool { return m.passage || m.Version == 1 }

// SaysTheSame reports whether the memory has the words of another one.
func (m Memory) SaysTheSame(as Memory) bool {
	return m.Content == as.Content && m.Name == as.Name && m.Context == as.Context &&
		slices.Equal(m.Topics, as.Topics) && reflect.DeepEqual(m.CodeContext, as.CodeContext)
}

// At is the time by which a timeline is ordered (contract D 32).
func (m Memory) At() time.Time {
	if !m.EventTime.IsZero() {
		return m.EventTime
	}
	return m.CreatedAt
}

// Weight is about how many bytes a memory has on the wire.
func (m Memory) Weight() int {
	const rest = 400 // ids, times and names
	n := rest + len(m.Content) + len(m.Context)
	for _, name := range m.Topics {
		n += len(name) + 3
	}
	if m.CodeContext != nil {
		data, _ := json.Marshal(m.CodeContext) // was read from JSON
		n += len(data)
	}
	return n
}
