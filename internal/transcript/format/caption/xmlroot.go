package caption

import (
	"strings"

	"griot/internal/transcript/format/source"
)

// strangeRoots are files of XML that people have and that are not read, by
// their first element in small letters: what they are, and what to do.
var strangeRoots = []struct{ root, is, do string }{
	{"error", "an XML error page of a storage service (such as AccessDenied) that was saved instead of a file", "Download the file again; its link may have expired."},
	{"errorresponse", "an XML error page of a service that was saved instead of a file", "Download the file again; its link may have expired."},
	{"listbucketresult", "an XML list of a storage service's files", "Download the transcript itself and upload that."},
	{"rss", "an XML feed (RSS)", "Upload the transcript that it links to."},
	{"feed", "an XML feed (Atom)", "Upload the transcript that it links to."},
	{"svg", "an image (SVG, which is XML)", "Upload the transcript as text."},
	{"plist", "a property list of macOS (XML)", "Export the transcript as text and upload that."},
	{"worddocument", "a Word document as XML", "Save it as .docx in Word and upload that."},
	{"package", "a Word document as XML", "Save it as .docx in Word and upload that."},
	{"workbook", "an Excel workbook as XML", "Save the sheet with the transcript as CSV and upload that."},
	{"fcpxml", "a project of Final Cut (XML)", "Export its captions as SRT or WebVTT and upload that."},
	{"xmeml", "a project of Premiere or Final Cut (XML)", "Export its captions as SRT or WebVTT and upload that."},
	{"annotation_document", "an annotation of ELAN (XML)", "Export it as SRT, tab-delimited text or TextGrid and upload that."},
	{"basic-transcription", "a transcription of EXMARaLDA (XML)", "Export it as text, SRT or TextGrid and upload that."},
	{"tei", "a text in TEI (XML)", "Export it as text, SRT or WebVTT and upload that."},
	{"mlt", "a project of Kdenlive or Shotcut (XML)", "Export its subtitles as SRT and upload that."},
	{"sami", "a caption file of Windows Media (SAMI)", "Convert it to SRT or WebVTT and upload that."},
}

// refuseRoot returns an error for a file that is no transcript by its first
// element.
func refuseRoot(name string) error {
	root := strings.ToLower(name)
	for _, part := range []string{"transcri", "timedtext", "subtitle", "caption", "dialog", "interview", "conversation", "lyrics"} {
		if strings.Contains(root, part) && root != "basic-transcription" {
			return nil
		}
	}
	if root == "trans" {
		return nil
	}
	for _, s := range strangeRoots {
		if root == s.root {
			return source.NewError(source.UnsupportedFormat, 0, "The file is "+s.is+". "+s.do)
		}
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is XML, but none of the transcripts in XML that are read (TTML, YouTube's timed text, <transcript>, Transcriber). Export it as SRT, WebVTT or text and upload that.")
}
