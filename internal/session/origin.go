package session

import (
	"encoding/json"
	"fmt"
	"time"

	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// Origin says where the bytes of an upload session come from: one of our
// uploads, somebody else's URL, or an object dropped into the inbox.
type Origin struct {
	Upload string // upl_…
	URL    string
	Object string // key in the blob store, once or as soon as it is there
	ETag   string // of a drop: the version that is meant
	Hint   string // JSON of a transcript.Hint, "" without one
	// Of a recording: what is spoken (BCP 47, "" unless said), and by how many
	// (0 unless said).
	Language string
	Speakers int
	// Counted are the bytes of a file that is no upload's, where they count
	// against the quota of the workspace.
	Counted int64
}

func (c Origin) attrs() table.Attrs {
	a := table.Attrs{"upload": c.Upload, "url": c.URL, "object": c.Object, "etag": c.ETag, "hint": c.Hint}
	if c.Language != "" {
		a["language"] = c.Language
	}
	if c.Speakers > 0 {
		a["speakers"] = int64(c.Speakers)
	}
	if c.Counted > 0 {
		a[CountedAttr] = c.Counted
	}
	return a
}

// OriginOf decodes the row of an origin.
func OriginOf(i table.Item) Origin {
	return Origin{
		Upload: i.Str("upload"), URL: i.Str("url"), Object: i.Str("object"), ETag: i.Str("etag"), Hint: i.Str("hint"),
		Language: i.Str("language"), Speakers: int(i.Int("speakers")),
		Counted: i.Int(CountedAttr),
	}
}

// ReadHint decodes the hint; without one it is the zero Hint.
func (c Origin) ReadHint() (h transcript.Hint, err error) {
	if c.Hint != "" {
		if err = json.Unmarshal([]byte(c.Hint), &h); err != nil {
			err = fmt.Errorf("decoding the hint of a session: %w", err)
		}
	}
	return h, err
}

// takeUpload marks the upload as this session's, unless it is another's.
func (c Origin) takeUpload(ref record.Ref) []table.Op {
	if c.Upload == "" {
		return nil
	}
	return []table.Op{
		table.Update(UploadKey(record.In(ref.Workspace, c.Upload)),
			table.Attrs{"session": ref.ID}, table.Exists(), table.Missing("session")),
		table.Delete(task.Row(ForgottenAt(c.Upload), record.In(ref.Workspace, c.Upload))),
	}
}

// UploadPrefix begins the keys of uploads' objects.
const UploadPrefix = "uploads/"

// UploadObject is the key of an upload's bytes.
func UploadObject(upload record.Ref) string {
	return UploadPrefix + upload.Workspace + "/" + upload.ID
}

// uploadKept is how long an upload waits for a session to take it.
const uploadKept = 7 * 24 * time.Hour

// UploadKey is the row of an upload.
func UploadKey(upload record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: upload.Workspace + "#uploads", SK: upload.ID}
}

// ForgottenAt is when an upload that no session has taken is removed.
func ForgottenAt(uploadID string) time.Time { return id.Time(uploadID).Add(uploadKept) }
