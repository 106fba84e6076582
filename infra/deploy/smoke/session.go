package smoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// say appends one segment to the live session.
func (r *run) say(ctx context.Context, seq int) error {
	in := map[string]any{"segments": []map[string]any{{
		"client_seq": seq, "speaker": "Ines", "text": fmt.Sprintf("Sentence %d about the %s.", seq, r.word),
	}}}
	_, err := r.client.call(ctx, http.MethodPost, "/v1/sessions/"+r.live+"/segments", in, http.StatusOK, nil)
	return err
}

// spoken is how many segments are timed.
const spoken = 5

// follow speaks into a session and times how long each segment takes to its
// reader. How long that may be is for a person to judge, but for a stream that
// arrives only when it is over.
func (r *run) follow(ctx context.Context) (string, error) {
	in := map[string]string{"template": "open_exploration", "title": r.word, "interviewee_email": "ines@example.com"}
	var made struct{ ID string }
	header, err := r.client.call(ctx, http.MethodPost, "/v1/sessions", in, http.StatusCreated, &made)
	if err != nil {
		return "", err
	}
	r.live = made.ID
	r.sessions = append(r.sessions, made.ID)
	path, err := r.client.at(header.Get("Location"))
	if err != nil {
		return "", err
	}
	if _, err := r.client.call(ctx, http.MethodGet, path, nil, http.StatusOK, nil); err != nil {
		return "", fmt.Errorf("following the Location: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	begun := time.Now()
	st, err := r.client.listen(ctx, r.live, "")
	if err != nil {
		return "", err
	}
	defer st.Close()
	opened := time.Since(begun)
	var shortest, longest time.Duration
	for seq := range spoken {
		begun = time.Now()
		if err := r.say(ctx, seq); err != nil {
			return "", err
		}
		e, err := st.segment()
		if err != nil {
			return "", err
		}
		if !strings.Contains(e.Data, fmt.Sprintf("Sentence %d ", seq)) {
			return "", fmt.Errorf("instead of segment %d there came %s %s", seq, e.Name, e.Data)
		}
		lag := time.Since(begun)
		if shortest == 0 || lag < shortest {
			shortest = lag
		}
		longest = max(longest, lag)
		r.last = e.ID
	}
	return fmt.Sprintf("open after %v; %d segments, each with its reader %v to %v after it was sent", opened.Round(time.Millisecond),
		spoken, shortest.Round(time.Millisecond), longest.Round(time.Millisecond)), nil
}

// resume goes on behind the last event after the reader was away, to the end.
func (r *run) resume(ctx context.Context) (string, error) {
	if r.last == "" {
		return "", leftOut("there was no stream")
	}
	const missed = 3
	for seq := spoken; seq < spoken+missed; seq++ {
		if err := r.say(ctx, seq); err != nil {
			return "", err
		}
	}
	if _, err := r.client.call(ctx, http.MethodPost, "/v1/sessions/"+r.live+"/complete", nil, http.StatusOK, nil); err != nil {
		return "", err
	}
	st, err := r.client.listen(ctx, r.live, r.last)
	if err != nil {
		return "", err
	}
	defer st.Close()
	for seq := spoken; ; seq++ {
		e, err := st.segment()
		switch {
		case err != nil:
			return "", err
		case e.Name == "done" && seq == spoken+missed:
			return fmt.Sprintf("the %d segments behind event %s, none twice, and its end", missed, r.last), nil
		case e.Name == "done" || !strings.Contains(e.Data, fmt.Sprintf("Sentence %d ", seq)):
			return "", fmt.Errorf("instead of segment %d there came %s %s", seq, e.Name, e.Data)
		}
	}
}

// file is a small interview about a thing.
func (r *run) file(thing string) []byte {
	return fmt.Appendf(nil, `WEBVTT

00:00:01.000 --> 00:00:06.000
<v Noor>How do you start the %[1]s, step by step?

00:00:07.000 --> 00:00:20.000
<v Ines>First, I open the valve of the %[1]s. Then I wait until the lamp is green. Last, Felix signs the sheet.

00:00:21.000 --> 00:00:30.000
<v Ines>Felix is the only one who knows how to restart the %[1]s, and he leaves in June.
`, thing)
}

// upload puts a file where the API says, twice, and has it read.
func (r *run) upload(ctx context.Context) (string, error) {
	data := r.file(r.word)
	var up struct {
		URL     string `json:"upload_url"`
		Method  string
		Headers map[string]string
	}
	if _, err := r.client.call(ctx, http.MethodPost, "/v1/uploads", map[string]int{"size_bytes": len(data)}, http.StatusCreated, &up); err != nil {
		return "", err
	}
	put := func() (int, error) {
		req, err := http.NewRequestWithContext(ctx, up.Method, up.URL, bytes.NewReader(data))
		if err != nil {
			return 0, err
		}
		for name, value := range up.Headers {
			req.Header.Set(name, value)
		}
		resp, err := r.client.http.Do(req)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		return resp.StatusCode, nil
	}
	for i, want := range []int{http.StatusOK, http.StatusPreconditionFailed} {
		status, err := put()
		if err != nil {
			return "", err
		}
		if status != want {
			return "", fmt.Errorf("PUT number %d: %d, want %d", i+1, status, want)
		}
	}
	in := map[string]string{"template": "operational_workflow", "title": r.word, "upload_url": up.URL}
	var made struct{ ID string }
	if _, err := r.client.call(ctx, http.MethodPost, "/v1/sessions", in, http.StatusCreated, &made); err != nil {
		return "", err
	}
	r.sessions = append(r.sessions, made.ID)
	found, err := r.completed(ctx, made.ID)
	return "put once, refused the second time; " + found, err
}

// completed waits until a session's file is read and searched, and says what
// was found.
func (r *run) completed(ctx context.Context, id string) (string, error) {
	begun := time.Now()
	err := await(ctx, "the session "+id+" to be completed", func() (bool, error) {
		var seen struct {
			Status  string
			Failure *struct{ Code, Message string }
		}
		_, err := r.client.call(ctx, http.MethodGet, "/v1/sessions/"+id, nil, http.StatusOK, &seen)
		if seen.Failure != nil {
			err = errors.New("the session failed: " + seen.Failure.Code + ": " + seen.Failure.Message)
		}
		return seen.Status == "completed", err
	})
	if err != nil {
		return "", err
	}
	took := time.Since(begun).Round(time.Millisecond)
	var found struct {
		Extractor struct{ Name, Model string }
		Warnings  []struct{ Code string }
		SOPs      []any `json:"sop_candidates"`
		Risks     []any `json:"risk_signals"`
	}
	if _, err := r.client.call(ctx, http.MethodGet, "/v1/sessions/"+id+"/extraction", nil, http.StatusOK, &found); err != nil {
		return "", err
	}
	text := fmt.Sprintf("completed after %v, extracted by %s, procedures: %d, risks: %d", took, strings.TrimSpace(found.Extractor.Name+" "+found.Extractor.Model), len(found.SOPs), len(found.Risks))
	for _, w := range found.Warnings {
		text += ", " + w.Code
	}
	return text, nil
}

// drop puts a file into the bucket's inbox, and waits until a question finds
// what it says.
func (r *run) drop(ctx context.Context) (string, error) {
	thing := r.word + "drop"
	key := strings.Join([]string{"inbox", r.workspace, r.project, "operational_workflow", thing + ".vtt"}, "/")
	if err := r.target.Drop(ctx, key, r.file(thing)); err != nil {
		return "", fmt.Errorf("dropping a file into the inbox: %w", err)
	}
	begun := time.Now()
	var session string
	err := await(ctx, "a session of "+key, func() (bool, error) {
		var list struct{ Data []struct{ ID, Title string } }
		_, err := r.client.call(ctx, http.MethodGet, "/v1/sessions?limit=20", nil, http.StatusOK, &list)
		for _, s := range list.Data {
			if strings.Contains(s.Title, thing) {
				session = s.ID
			}
		}
		return session != "", err
	})
	if err != nil {
		return "", err
	}
	r.sessions = append(r.sessions, session)
	started := time.Since(begun).Round(time.Millisecond)
	found, err := r.completed(ctx, session)
	if err != nil {
		return "", err
	}
	err = await(ctx, "the search to find it", func() (bool, error) {
		var hits struct{ Data []struct{ Snippet string } }
		_, err := r.client.call(ctx, http.MethodPost, "/api/conversations/search", map[string]any{"query": "who restarts the " + thing + "?"}, http.StatusOK, &hits)
		for _, h := range hits.Data {
			if strings.Contains(h.Snippet, thing) {
				return true, nil
			}
		}
		return false, err
	})
	return fmt.Sprintf("a session after %v, %s; found after %v", started, found, time.Since(begun).Round(time.Millisecond)), err
}
