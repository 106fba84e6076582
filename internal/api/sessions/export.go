package sessions

import (
	"io"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/session/capture"
	"griot/internal/transcript"
	"griot/internal/transcript/export"
)

// exportForm is a form of the transcript for people and players.
type exportForm struct {
	contentType string
	write       func(w io.Writer, segments []transcript.Segment) error
}

var exportForms = map[format]exportForm{
	formatVTT:      {"text/vtt; charset=utf-8", export.VTT},
	formatSRT:      {"application/x-subrip", export.SRT},
	formatText:     {"text/plain; charset=utf-8", export.Text},
	formatMarkdown: {"text/markdown; charset=utf-8", export.Markdown},
}

func serveExport(w http.ResponseWriter, r *http.Request, p access.Principal, svc *capture.Service, f format) error {
	form := exportForms[f]
	return api.Stream(w, r, form.contentType, func(w io.Writer) error {
		_, segments, err := svc.AllSegments(r.Context(), p, r.PathValue("id"))
		if err != nil {
			return err
		}
		return form.write(w, segments)
	})
}
