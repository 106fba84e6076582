package session

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
)

// mediaValid is how long the URL of a recording can be used.
const mediaValid = 15 * time.Minute

// MediaURL is where a recording can be heard for a while.
type MediaURL struct {
	URL     string
	Kind    string
	Expires time.Time
}

// mediaTypes are those of the kinds of recordings.
var mediaTypes = map[string]string{
	"wav": "audio/wav", "mp3": "audio/mpeg", "aac": "audio/aac", "m4a": "audio/mp4", "mp4": "video/mp4", "flac": "audio/flac",
	"ogg": "audio/ogg", "webm": "video/webm", "mkv": "video/x-matroska", "aiff": "audio/aiff", "amr": "audio/amr",
}

// Media signs a URL by which the recording of a session can be heard. A session
// that has none, or not any more, is NotFound.
func (s *Service) Media(ctx context.Context, p access.Principal, id string) (MediaURL, error) {
	sess, err := s.Get(ctx, p, id)
	if err != nil {
		return MediaURL{}, err
	}
	none := errs.New(errs.NotFound, "the session has no recording, or it is not kept any more")
	if sess.recording.Kind == "" {
		return MediaURL{}, none
	}
	src, kept, err := s.keptFile(ctx, p.Workspace, id)
	if err != nil {
		return MediaURL{}, err
	}
	if !kept {
		return MediaURL{}, none
	}
	kind := mediaTypes[sess.recording.Kind]
	if kind == "" {
		kind = "application/octet-stream"
	}
	g, err := s.Blobs.PresignGet(ctx, src.object, blob.SignGet{ContentType: kind, Valid: mediaValid})
	if err != nil {
		return MediaURL{}, fmt.Errorf("signing a recording: %w", err)
	}
	return MediaURL{URL: g.URL, Kind: sess.recording.Kind, Expires: g.Expires}, nil
}
