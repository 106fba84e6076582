package upload

import (
	"context"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/transcript"
)

// Reading is an upload session whose bytes are to be read.
type Reading struct {
	session.Session
	URL    string // somebody else's; "" for an object of ours
	Object string // the key of the bytes, which may not be there yet
	ETag   string // the version that is meant; "" for any
	Hint   transcript.Hint
	// Of a recording: what the client said of it.
	SpokenLanguage string // BCP 47; "": found out
	Speakers       int    // how many are expected; 0: unknown
	early          bool
}

// Reading returns what a worker has to read for a session. It is false when
// there is nothing to do any more.
func (s *Service) Reading(ctx context.Context, ref record.Ref) (Reading, bool, error) {
	sess, err := s.Sessions.Read(ctx, ref)
	if errs.Is(err, errs.NotFound) {
		return Reading{}, false, nil
	}
	if err != nil || sess.Status != session.InProgress || sess.Source != session.SourceUpload {
		return Reading{}, false, err
	}
	src, err := s.Sessions.ReadOrigin(ctx, ref)
	if err != nil {
		return Reading{}, false, err
	}
	if src.Object == "" {
		src.Object = fetchedObject(ref)
	}
	hint, err := src.ReadHint()
	return Reading{
		Session: sess, URL: src.URL, Object: src.Object, ETag: src.ETag, Hint: hint,
		SpokenLanguage: src.Language, Speakers: src.Speakers,
		early: s.Sessions.Time().UnixMilli() < sess.Recording.NotBefore,
	}, true, err
}

// Facts are what the headers of the recording say.
func (r Reading) Facts() session.Facts { return r.Recording.Facts }

// HandedOver reports whether an engine has been given the recording.
func (r Reading) HandedOver() bool { return r.Recording.Begun }

// TooEarly reports whether the engine wants to be left alone for a while.
func (r Reading) TooEarly() bool { return r.early }

// IsRecording reports whether the file was found to be a recording.
func (r Reading) IsRecording() bool { return r.Recording.Pending() }
