package conversations

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/archive"
	"griot/internal/limit"
)

// exportResponse is an archive: the members are written in this order, one after
// the other.
type exportResponse struct {
	exportHead
	// Of each conversation in the order of its timeline.
	Memories []memoryResponse `json:"memories"`
	// Oldest first.
	Conversations []toldResponse `json:"conversations"`
	exportRest
}

type exportHead struct {
	ExportVersion string       `json:"exportVersion" is:"of:1"`
	ExportedAt    stamp        `json:"exportedAt"`
	Profile       userResponse `json:"profile"`
}

type exportRest struct {
	// There are none.
	Facts []struct{} `json:"facts"`
	// There are none.
	Patterns []struct{}   `json:"patterns"`
	Counts   exportCounts `json:"counts"`
}

// exportCounts are of what was written.
type exportCounts struct {
	Memories      int64 `json:"memories"`
	Conversations int64 `json:"conversations"`
	Facts         int   `json:"facts" is:"0..0"`
	Patterns      int   `json:"patterns" is:"0..0"`
}

// toldResponse is a conversation with what only archives tell of it.
type toldResponse struct {
	conversationResponse
	// What gave the title: the id of a memory; `given`, a person or a session;
	// or `none`, and it is `Untitled`. Very old conversations do not say.
	TitleFrom string `json:"titleFrom,omitempty"`
	// When somebody changed title or summary.
	EditedAt *stamp `json:"editedAt,omitempty"`
}

func newToldResponse(c conversation.Told) toldResponse {
	return toldResponse{newConversationResponse(c.Conversation), c.TitleFrom, optional(c.EditedAt)}
}

// exportVersion is that of archives; imports take no other.
const exportVersion = "1"

// Export is GET /api/users/me/export: everything that the workspace remembers,
// streamed.
func Export(svc *archive.Service, dir *access.Directory) api.Endpoint {
	return in(limit.Heavy, api.Endpoint{
		Name: "users-me-export", Method: http.MethodGet, Path: "/api/users/me/export", Needs: access.MemoriesRead, Stream: true,
		Answer: reflect.TypeFor[exportResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			found, err := svc.Export(r.Context(), p)
			if err != nil {
				return err
			}
			ws, err := dir.Workspace(r.Context(), p.Workspace)
			if err != nil {
				return err
			}
			head := exportHead{exportVersion, stamp(dir.Now()), newUserResponse(ws)}
			return api.Stream(w, r, api.JSONType, func(out io.Writer) error {
				held := &heldBack{out: out, most: holdBack}
				if err := writeExport(held, head, found); err != nil {
					return err
				}
				return held.flush()
			})
		},
	})
}

func writeExport(out io.Writer, head exportHead, found archive.Export) error {
	opening, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encoding the beginning of an export: %w", err)
	}
	if _, err := fmt.Fprintf(out, `%s,"memories":`, strings.TrimSuffix(string(opening), "}")); err != nil {
		return err
	}
	var rest exportRest
	if rest.Counts.Memories, err = encodeList(out, found.Memories, newMemoryResponse); err != nil {
		return err
	}
	if _, err := io.WriteString(out, `,"conversations":`); err != nil {
		return err
	}
	if rest.Counts.Conversations, err = encodeList(out, found.Conversations, newToldResponse); err != nil {
		return err
	}
	rest.Facts, rest.Patterns = []struct{}{}, []struct{}{}
	ending, err := json.Marshal(rest)
	if err != nil {
		return fmt.Errorf("encoding the end of an export: %w", err)
	}
	_, err = fmt.Fprintf(out, ",%s", ending[1:])
	return err
}
