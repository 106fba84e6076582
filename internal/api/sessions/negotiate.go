package sessions

import (
	"slices"

	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/session"
)

// format is a form of the transcript, as ?format= names it.
type format string

const (
	formatJSON     format = "json"
	formatSSE      format = "sse"
	formatVTT      format = "vtt"
	formatSRT      format = "srt"
	formatText     format = "text"
	formatMarkdown format = "markdown"
)

var formats = []format{formatJSON, formatSSE, formatVTT, formatSRT, formatText, formatMarkdown}

// exportTypes are the media types by which Accept asks for an export.
var exportTypes = map[string]format{
	"text/vtt": formatVTT, "application/x-subrip": formatSRT,
	"text/plain": formatText, "text/markdown": formatMarkdown,
}

func (f format) export() bool { return f != formatJSON && f != formatSSE }

// negotiate chooses the form of the transcript (contract D 14). ?format= wins
// over Accept; what neither of them names follows the state.
func negotiate(q api.Query, accept []string, status session.Status) (format, error) {
	f, err := queried(q)
	if err != nil {
		return "", err
	}
	if status == session.Scheduled {
		return "", errs.New(errs.Conflict, "the session is scheduled: it has no transcript yet")
	}
	choices := api.Choices(accept)
	if f == "" {
		f = accepted(choices)
	}
	switch {
	case f == "":
		return byState(status), nil
	case !f.export() || status.Terminal():
		return f, nil
	case !q.Has("format") && listed(choices, "*/*") > 0:
		return byState(status), nil
	}
	return "", errs.New(errs.Conflict, "the session is %s: exports are of sessions that have ended", status)
}

func queried(q api.Query) (format, error) {
	if !q.Has("format") {
		return "", nil
	}
	f := format(q.Get("format"))
	if !slices.Contains(formats, f) {
		return "", api.BadParameter("format", "must be one of json, sse, vtt, srt, text, markdown")
	}
	return f, nil
}

// accepted is what the header names, or "". A stream or JSON goes before an
// export, which generic clients list beside JSON without meaning it; of the
// two JSON wins unless the stream is preferred.
func accepted(choices []api.Choice) format {
	json, sse := listed(choices, "application/json"), listed(choices, "text/event-stream")
	switch {
	case sse > json:
		return formatSSE
	case json > 0:
		return formatJSON
	}
	best, q := format(""), 0.0
	for _, c := range choices {
		if f, ok := exportTypes[c.Name]; ok && c.Q > q {
			best, q = f, c.Q
		}
	}
	return best
}

// listed returns how much a media type is wanted by its own name, or 0.
func listed(choices []api.Choice, name string) float64 {
	for _, c := range choices {
		if c.Name == name {
			return c.Q
		}
	}
	return 0
}

// byState streams what may still grow.
func byState(status session.Status) format {
	if status.Terminal() {
		return formatJSON
	}
	return formatSSE
}
