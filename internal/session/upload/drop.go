package upload

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/text"
)

// InboxPrefix begins the keys of objects that start a session by themselves:
// inbox/<workspace>/<project>/<template>/<name>.
const InboxPrefix = "inbox/"

// A drop of which no session can come lies under RefusedPrefix, where it was
// dropped otherwise, until the bucket's lifecycle removes it after
// RefusedKept; on the embedded host its folder's watcher does. Beside it, with
// ReasonSuffix behind the name, is a text that says why.
const (
	RefusedPrefix = InboxPrefix + "refused/"
	RefusedKept   = 7 * 24 * time.Hour
	ReasonSuffix  = ".reason.txt"
)

// Arrived handles the creation of an object: an upload has the session read it
// that waits for it, a drop starts a session. It returns why an object is neither,
// or "".
func (s *Service) Arrived(ctx context.Context, key string) (ignored string, err error) {
	switch {
	case strings.HasPrefix(key, session.UploadPrefix):
		return "", s.uploadArrived(ctx, key)
	case strings.HasPrefix(key, RefusedPrefix):
		return "", nil // by us
	case strings.HasPrefix(key, InboxPrefix):
		return s.dropArrived(ctx, key)
	default:
		return "the object is not an upload", nil
	}
}

// OwnerOf returns the workspace that an object was put for, by its key; "" where
// the key names none.
func OwnerOf(key string) string {
	for _, prefix := range []string{session.UploadPrefix, InboxPrefix} {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			if workspace, _, _ := strings.Cut(rest, "/"); id.Valid(id.Workspace, workspace) {
				return workspace
			}
		}
	}
	return ""
}

func (s *Service) uploadArrived(ctx context.Context, key string) error {
	workspace, uploadID, _ := strings.Cut(strings.TrimPrefix(key, session.UploadPrefix), "/")
	up, err := s.ReadUpload(ctx, record.In(workspace, uploadID))
	if errs.Is(err, errs.NotFound) {
		return s.Sessions.Blobs.Delete(ctx, key) // its session is deleted, or it was forgotten
	}
	if err != nil {
		return err
	}
	if up.SessionID != "" {
		if gone, err := s.Sessions.DiscardIfDeleted(ctx, record.In(workspace, up.SessionID), key); gone || err != nil {
			return err
		}
		s.Sessions.Jobs.Send(ctx, task.ReadFile, task.Message{Workspace: workspace, Session: up.SessionID})
	}
	return s.CountArrived(ctx, workspace, up)
}

// drop is an inbox key taken apart.
type drop struct{ workspace, project, template, name string }

// CheckDrop says why no session can come of a drop, or "".
func (s *Service) CheckDrop(ctx context.Context, key string) (refusal string, err error) {
	_, _, refusal, err = s.place(ctx, key)
	return refusal, err
}

// place finds out where a drop belongs, or why it belongs nowhere.
func (s *Service) place(ctx context.Context, key string) (d drop, project access.Project, refusal string, err error) {
	if d, refusal = parseDrop(key); refusal != "" {
		return d, project, refusal, nil
	}
	project, err = s.Projects.Project(ctx, d.workspace, d.project)
	if errs.Is(err, errs.NotFound) {
		return d, project, "there is no such workspace, or it has no such project", nil
	}
	return d, project, "", err
}

func parseDrop(key string) (drop, string) {
	if blob.CheckKey(key) != nil {
		return drop{}, fmt.Sprintf("the path must be UTF-8 of at most %d bytes, without empty parts", blob.MaxKey)
	}
	parts := strings.SplitN(strings.TrimPrefix(key, InboxPrefix), "/", 4)
	if len(parts) != 4 || parts[3] == "" {
		return drop{}, "the path is not inbox/<workspace>/<project>/<template>/<name>"
	}
	d := drop{parts[0], parts[1], parts[2], parts[3]}
	switch {
	case !id.Valid(id.Workspace, d.workspace):
		return drop{}, "the first folder of the path is no workspace's id (ws_…)"
	case !slices.Contains(extraction.Templates, d.template):
		return drop{}, "the third folder of the path is no template; there are: " + strings.Join(extraction.Templates, ", ")
	}
	return d, ""
}

// Reason is the text beside a refused drop.
func Reason(key, refusal string) string {
	return fmt.Sprintf("No session was started: %s.\nThe file was dropped as %q.\nDrop it again where it belongs. This copy is removed after %d days.\n",
		refusal, key, int(RefusedKept.Hours()/24))
}

// refusedKey is where a refused drop lies.
func refusedKey(key string) string {
	to := RefusedPrefix + strings.TrimPrefix(key, InboxPrefix)
	if len(to)+len(ReasonSuffix) > blob.MaxKey {
		to = RefusedPrefix + RefusedName(key)
	}
	return to
}

// RefusedName is what a refused drop is called where its own name cannot be
// had: the hash of its key.
func RefusedName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// refuse moves a drop out of the way, the original last: whoever comes again
// after a crash writes the same once more. A drop that was replaced meanwhile
// has an arrival of its own.
func (s *Service) refuse(ctx context.Context, key, refusal string) error {
	body, info, err := s.Sessions.Blobs.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening a refused drop: %w", err)
	}
	defer body.Close()
	to, reason := refusedKey(key), Reason(key, refusal)
	if _, err := s.Sessions.Blobs.Put(ctx, to, body, info.Size, blob.Put{}); err != nil {
		return fmt.Errorf("moving a refused drop: %w", err)
	}
	_, err = s.Sessions.Blobs.Put(ctx, to+ReasonSuffix, strings.NewReader(reason), int64(len(reason)), blob.Put{ContentType: "text/plain; charset=utf-8"})
	if err != nil {
		return fmt.Errorf("writing why a drop was refused: %w", err)
	}
	switch now, err := s.Sessions.Blobs.Stat(ctx, key); {
	case errors.Is(err, blob.ErrNotFound), err == nil && now.ETag != info.ETag:
		return nil
	case err != nil:
		return fmt.Errorf("looking at a refused drop: %w", err)
	}
	if err := s.Sessions.Blobs.Delete(ctx, key); err != nil {
		return fmt.Errorf("removing a refused drop: %w", err)
	}
	return nil
}

// dropArrived starts a session for a drop, once per key and ETag, or moves it
// out of the way.
func (s *Service) dropArrived(ctx context.Context, key string) (ignored string, err error) {
	if blob.CheckKey(key) != nil {
		return "no object can have this key", nil
	}
	d, project, refusal, err := s.place(ctx, key)
	if err != nil {
		return "", err
	}
	if refusal != "" {
		return "refused: " + refusal, s.refuse(ctx, key, refusal)
	}
	info, err := s.Sessions.Blobs.Stat(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return "the object is gone", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking at a dropped object: %w", err)
	}
	return s.startDrop(ctx, key, info, d, project)
}

func (s *Service) startDrop(ctx context.Context, key string, info blob.Info, d drop, project access.Project) (ignored string, err error) {
	once := dropKey(d.workspace, key, info.ETag)
	sess, err := s.Sessions.Create(ctx, d.workspace, session.Plan{
		Info:      session.Info{Project: project.ID, Template: d.template, Title: titleOf(d.name)},
		Retention: project.RetentionDays,
		Origin:    session.Origin{Object: key, ETag: info.ETag, Counted: info.Size},
		Once:      once,
	}, nil)
	if failed := table.Failed(err); failed != nil && failed.Old.Key == once {
		_, err := s.Sessions.DiscardIfDeleted(ctx, record.In(d.workspace, failed.Old.Str("session")), key)
		return "the object was taken already", err
	}
	if err == nil {
		s.Sessions.Jobs.Send(ctx, task.ReadFile, task.Of(sess.Ref()))
	}
	switch {
	case quota.Over(err, quota.OpenSessions):
		return "", s.dropLater(ctx, d.workspace, key)
	case errs.Is(err, errs.QuotaExceeded):
		refusal := errs.As(err).Message
		return "refused: " + refusal, s.refuse(ctx, key, refusal)
	}
	return "", err
}

// dropWait is how long a drop waits, each time, while its workspace has as many
// open sessions as it may.
const dropWait = 5 * time.Minute

// dropLater has a drop arrive once more.
func (s *Service) dropLater(ctx context.Context, workspace, key string) error {
	err := s.Sessions.Jobs.Delay(ctx, task.Arrived, task.Message{Object: key, Owner: workspace}, dropWait)
	if err != nil {
		return fmt.Errorf("having a drop wait: %w", err)
	}
	return nil
}

// dropKey remembers that a version of an object was taken. It holds a hash
// and an id only and outlives the session, so that a late event does not bring a
// deleted one back.
func dropKey(workspace, key, etag string) table.Key {
	sum := sha256.Sum256([]byte(key + "\x00" + etag))
	return table.Key{
		Table: table.Sessions, PK: workspace + "#drops",
		SK: base64.RawURLEncoding.EncodeToString(sum[:]),
	}
}

// titleOf is the title of a dropped file: its name, as far as a title goes.
func titleOf(name string) string {
	name = strings.Map(func(r rune) rune {
		if !text.OneLine(string(r)) {
			return ' '
		}
		return r
	}, name)
	if text.Blank(name) {
		return "Untitled"
	}
	return string([]rune(name)[:min(schema.Most[session.CreateInput]("title"), utf8.RuneCountInString(name))])
}
