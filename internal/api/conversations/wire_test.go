package conversations

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/id"
)

var (
	at2026 = time.Date(2026, 5, 18, 14, 0, 0, 999_000_000, time.FixedZone("", 7200))
	talk   = conversation.Conversation{ID: "conv_1", Title: "Talk", CreatedAt: at2026, UpdatedAt: at2026.Add(time.Hour), ActiveAt: at2026.Add(time.Minute), Memories: 2, FirstEvent: at2026, LastEvent: at2026.Add(time.Minute)}
	bare   = memory.Memory{
		ID: "m1", Conversation: "conv_1", Session: "session_1", Content: "<x>", Type: "episodic", Version: 1,
		CreatedAt: at2026, UpdatedAt: at2026,
	}
	full = memory.Memory{
		ID: "m1", Conversation: "conv_1", Session: "session_1", Content: "x", Type: "semantic", Role: "user", Name: "a-name",
		Context: "c", Outcome: "resolved", TaskID: "t", Topics: []string{"a", "b"}, Version: 3,
		CodeContext: &memory.CodeContext{Product: "p", Extra: map[string]string{"k": "v"}},
		CreatedAt:   at2026, UpdatedAt: at2026, EventTime: at2026, ValidFrom: at2026, ValidTo: at2026,
	}
)

const (
	talkJSON = `"id":"conv_1","title":"Talk","summary":null,"createdAt":"2026-05-18T12:00:00.999Z",
		"updatedAt":"2026-05-18T13:00:00.999Z","lastActivityAt":"2026-05-18T12:01:00.999Z","memoryCount":2,"messageCount":2,
		"firstEventTime":"2026-05-18T12:00:00.999Z","lastEventTime":"2026-05-18T12:01:00.999Z","sourceSessionId":null`
	bareJSON = `"id":"m1","conversationId":"conv_1","sessionId":"session_1","version":1,"content":"\u003cx\u003e","memoryType":"episodic",
		"timestamp":"2026-05-18T12:00:00.999Z","effectiveState":"current","createdAt":"2026-05-18T12:00:00.999Z","updatedAt":"2026-05-18T12:00:00.999Z"`
	keyJSON = `"id":"cmk_live_0123456789abcdef","label":"l","prefix":"cmk_live_0123456789abcdef","scopes":["*"],"createdAt":"2026-05-18T12:00:00.999Z"`
)

// The shapes on the wire, key by key. Optional members of a memory are left
// out, everything else is there and null; times are UTC with milliseconds.
func TestShapes(t *testing.T) {
	session := talk
	session.Summary, session.SourceSession = "s", "ses_1"
	key := access.Key{ID: "cmk_live_0123456789abcdef", Label: "l", CreatedAt: at2026, Scopes: []access.Scope{access.All}}
	lasting := key
	lasting.CreatedBy, lasting.ExpiresAt, lasting.LastUsedAt = access.Operator, at2026, at2026
	user := newUserResponse(access.Workspace{ID: "ws_01HZX", Name: "Acme", CreatedAt: at2026})
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"a conversation": {newConversationResponse(talk), `{` + talkJSON + `}`},
		"a session's conversation": {
			newConversationResponse(session),
			`{"id":"conv_1","title":"Talk","summary":"s","createdAt":"2026-05-18T12:00:00.999Z",
			"updatedAt":"2026-05-18T13:00:00.999Z","lastActivityAt":"2026-05-18T12:01:00.999Z","memoryCount":2,"messageCount":2,
			"firstEventTime":"2026-05-18T12:00:00.999Z","lastEventTime":"2026-05-18T12:01:00.999Z","sourceSessionId":"ses_1"}`,
		},
		"a page": {
			conversationsPage{each([]conversation.Conversation{talk}, newConversationResponse), cursored{pagination{20, 40, 61}, "eA"}},
			`{"data":[{` + talkJSON + `}],"pagination":{"limit":20,"offset":40,"count":61,"nextCursor":"eA"}}`,
		},
		"an empty page": {
			conversationsPage{each(nil, newConversationResponse), cursored{pagination{20, 0, 0}, ""}},
			`{"data":[],"pagination":{"limit":20,"offset":0,"count":0}}`,
		},
		"a hit": {
			newHitResponse(find.Hit{Conversation: talk, Score: 1.5, Snippet: "…x", Memories: []string{"m1"}}),
			`{` + talkJSON + `,"score":1.5,"snippet":"…x","matchedMemoryIds":["m1"]}`,
		},
		"a hit by its title": {
			newHitResponse(find.Hit{Conversation: talk}), `{` + talkJSON + `,"score":0,"snippet":"","matchedMemoryIds":[]}`,
		},
		"a bare memory": {newMemoryResponse(bare), `{` + bareJSON + `}`},
		"a memory with everything": {
			newMemoryResponse(full),
			`{"id":"m1","conversationId":"conv_1","sessionId":"session_1","name":"a-name","version":3,"content":"x","memoryType":"semantic",
			"role":"user","context":"c","topics":["a","b"],"timestamp":"2026-05-18T12:00:00.999Z","eventTime":"2026-05-18T12:00:00.999Z",
			"validFrom":"2026-05-18T12:00:00.999Z","validTo":"2026-05-18T12:00:00.999Z","codeContext":{"product":"p","extra":{"k":"v"}},
			"taskId":"t","outcome":"resolved","effectiveState":"current","createdAt":"2026-05-18T12:00:00.999Z","updatedAt":"2026-05-18T12:00:00.999Z"}`,
		},
		"a new memory": {
			newCreatedResponse(memory.Created{Memory: bare, ConversationCreated: true}),
			`{"data":{` + bareJSON + `},"meta":{"conversationId":"conv_1","sessionId":"session_1","sessionCreated":false,"conversationCreated":true}}`,
		},
		"a memory that was found": {
			newMemoryHitResponse(find.MemoryHit{Memory: bare, Score: 2, Preview: "x"}), `{` + bareJSON + `,"preview":"x","score":2}`,
		},
		"a sibling": {newSiblingResponse(bare), `{"memory":{` + bareJSON + `},"score":1,"relationship":"same-conversation"}`},
		"filters": {
			newFilters(memory.ListInput{Topics: []string{"a"}}, memory.Page{From: at2026}),
			`{"from":"2026-05-18T12:00:00.999Z","to":null,"topics":["a"],"excludeTopics":null,"conversationId":null,"scope":null}`,
		},
		"no filters": {memoriesRest{}, `{"pagination":{"limit":0,"offset":0,"count":0}}`},
		"a topic": {
			newTopicResponse(topic.Topic{ID: "t1", Name: "n", Memories: 3, CreatedAt: at2026}),
			`{"id":"t1","name":"n","count":3,"memoryCount":3,"createdAt":"2026-05-18T12:00:00.999Z"}`,
		},
		"a key":              {newKeyResponse(key), `{` + keyJSON + `,"createdBy":null,"expiresAt":null,"lastUsedAt":null}`},
		"a key that expires": {newKeyResponse(lasting), `{` + keyJSON + `,"createdBy":"operator","expiresAt":"2026-05-18T12:00:00.999Z","lastUsedAt":"2026-05-18T12:00:00.999Z"}`},
		"a user": {
			user,
			`{"id":"` + id.DerivedUUID("user", "ws_01HZX") + `","email":"ws_01hzx@workspace.invalid","firstName":"Acme","lastName":null,
			"profilePictureUrl":null,"status":"active","plan":"enterprise","memoryLimit":9007199254740991,"retentionDays":null,
			"isTestUser":false,"isPreviewUser":false,"isInternalUser":false,"deletionStatus":"none","deletionScheduledFor":null,
			"createdAt":"2026-05-18T12:00:00.999Z","updatedAt":"2026-05-18T12:00:00.999Z"}`,
		},
	} {
		got, err := json.Marshal(c.v)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(c.want)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
