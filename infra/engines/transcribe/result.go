package main

import (
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
)

// heard is what the engine wrote down.
type heard struct {
	words    []word // of all channels, by time
	channels int    // 0: not told apart
	speakers bool   // told apart
	language types.LanguageCode
	score    float64
}

type word struct {
	Word       string
	Start, End float64
	Speaker    string
	channel    int
}

// written is the engine's answer.
type written struct {
	Duration float64
	Media    struct {
		Format     string
		SampleRate int `json:"sample_rate"`
		Channels   int
	}
	Words []word
}

// containers are the names that FFmpeg has for what Amazon takes.
var containers = map[string][]types.MediaFormat{
	"amr":                     {types.MediaFormatAmr},
	"flac":                    {types.MediaFormatFlac},
	"mov,mp4,m4a,3gp,3g2,mj2": {types.MediaFormatMp4, types.MediaFormatM4a},
	"mp3":                     {types.MediaFormatMp3},
	"ogg":                     {types.MediaFormatOgg},
	"matroska,webm":           {types.MediaFormatWebm},
	"wav":                     {types.MediaFormatWav},
}

// listen has the recording written down, each channel for itself where that is
// asked for. The engine knows English only, whatever was spoken.
func (s *service) listen(in *transcribe.StartTranscriptionJobInput, file *os.File) (*heard, error) {
	h := &heard{language: types.LanguageCodeEnUs, score: 0.97}
	if len(in.LanguageOptions) > 0 && !slices.Contains(in.LanguageOptions, h.language) {
		h.language, h.score = in.LanguageOptions[0], 0.51
	}
	byChannel := in.Settings != nil && aws.ToBool(in.Settings.ChannelIdentification)
	h.speakers = in.Settings != nil && aws.ToBool(in.Settings.ShowSpeakerLabels)
	format := "verbose_json"
	if h.speakers && s.tellsSpeakers() {
		format = "diarized_json"
	}
	first, err := s.once(file, format, 0, byChannel)
	if err != nil {
		return nil, err
	}
	if err := suits(in, first); err != nil {
		return nil, err
	}
	h.words = first.Words
	if byChannel {
		h.channels = first.Media.Channels
		for channel := 1; channel < h.channels; channel++ {
			other, err := s.once(file, format, channel, true)
			if err != nil {
				return nil, err
			}
			for _, w := range other.Words {
				w.channel = channel
				h.words = append(h.words, w)
			}
		}
		slices.SortStableFunc(h.words, func(a, b word) int {
			return int(a.Start*1000) - int(b.Start*1000)
		})
	}
	return h, nil
}

// suits compares what FFmpeg finds in the file with what Amazon takes.
func suits(in *transcribe.StartTranscriptionJobInput, w written) error {
	formats := containers[w.Media.Format]
	rate := aws.ToInt32(in.MediaSampleRateHertz)
	switch {
	case formats == nil:
		return failure(unsupportedFormat)
	case in.MediaFormat != "" && !slices.Contains(formats, in.MediaFormat):
		return failure(otherFormat)
	case w.Media.SampleRate < 8000 || w.Media.SampleRate > 48000:
		return failure(badRate)
	case rate != 0 && int(rate) != w.Media.SampleRate:
		return failure(otherRate)
	case w.Media.Channels > 2:
		return failure(tooManyChannels)
	case w.Duration > mostSeconds:
		return failure(tooLarge)
	case w.Duration < 0.5:
		return failure("The media file is shorter than 0.5 seconds.")
	}
	return nil
}

func (s *service) tellsSpeakers() bool {
	res, err := http.Get(s.speech + "/health")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	var health struct{ Speakers bool }
	return json.NewDecoder(res.Body).Decode(&health) == nil && health.Speakers
}

// once sends the recording to the engine once.
func (s *service) once(file *os.File, format string, channel int, byChannel bool) (written, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return written{}, err
	}
	body, pipe := io.Pipe()
	form := multipart.NewWriter(pipe)
	go func() { pipe.CloseWithError(fill(form, file, format, channel, byChannel)) }()
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.speech+"/v1/audio/transcriptions", body)
	if err != nil {
		return written{}, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return written{}, err
	}
	defer res.Body.Close()
	var out written
	switch res.StatusCode {
	case http.StatusOK:
		return out, json.NewDecoder(res.Body).Decode(&out)
	case http.StatusBadRequest:
		return out, failure(unsupportedFormat)
	}
	return out, fmt.Errorf("the speech engine answers %s", res.Status)
}

func fill(form *multipart.Writer, file io.Reader, format string, channel int, byChannel bool) error {
	fields := [][2]string{{"model", "tiny.en"}, {"response_format", format}}
	if format == "verbose_json" {
		fields = append(fields, [2]string{"timestamp_granularities[]", "word"})
	} else {
		fields = append(fields, [2]string{"chunking_strategy", "auto"})
	}
	if byChannel {
		fields = append(fields, [2]string{"channel", strconv.Itoa(channel)})
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", "media")
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file); err != nil {
		return err
	}
	return form.Close()
}

// --- Amazon's result ----------------------------------------------------------

// An item is a word or a mark after it; times are text.
type item struct {
	ID           int           `json:"id"`
	Type         string        `json:"type"`
	Alternatives []alternative `json:"alternatives"`
	Start        string        `json:"start_time,omitempty"`
	End          string        `json:"end_time,omitempty"`
	Speaker      string        `json:"speaker_label,omitempty"`
	Channel      string        `json:"channel_label,omitempty"`
}

type alternative struct {
	Confidence string `json:"confidence"`
	Content    string `json:"content"`
	Redactions []any  `json:"redactions,omitempty"`
}

// span is what one speaker, or one channel, says without a long pause.
type span struct {
	first, last int // items
	start, end  string
	speaker     string
	channel     string
	text        string
}

// result is the object that Amazon writes.
func (h *heard) result(in *transcribe.StartTranscriptionJobInput, redacted bool) map[string]any {
	items, spans := h.items(redacted)
	var texts []string
	for _, s := range spans {
		texts = append(texts, s.text)
	}
	results := map[string]any{
		"transcripts": []any{map[string]string{"transcript": strings.Join(texts, " ")}},
		"items":       items,
	}
	segments := []any{}
	for i, s := range spans {
		ids := []int{}
		for n := s.first; n <= s.last; n++ {
			ids = append(ids, n)
		}
		segment := map[string]any{"id": i, "transcript": s.text, "start_time": s.start, "end_time": s.end, "items": ids}
		if s.speaker != "" {
			segment["speaker_label"] = s.speaker
		}
		if s.channel != "" {
			segment["channel_label"] = s.channel
		}
		segments = append(segments, segment)
	}
	results["audio_segments"] = segments
	if h.speakers {
		results["speaker_labels"] = speakerLabels(items, spans)
	}
	if h.channels > 0 {
		results["channel_labels"] = h.channelLabels(items)
	}
	if in.LanguageCode == "" {
		results["language_code"] = h.language
		results["language_identification"] = []any{map[string]string{"code": string(h.language), "score": strconv.FormatFloat(h.score, 'f', 4, 64)}}
	}
	return map[string]any{
		"jobName": *in.TranscriptionJobName, "accountId": "000000000000", "status": "COMPLETED", "isRedacted": redacted, "results": results,
	}
}

// pause ends a span; seconds.
const pause = 1.0

func (h *heard) items(redacted bool) ([]item, []span) {
	items := []item{}
	var spans []span
	speakers := map[string]string{}
	for i, w := range h.words {
		content, mark := w.Word, ""
		if cut := strings.TrimRightFunc(content, unicode.IsPunct); cut != "" && cut != content {
			content, mark = cut, content[len(cut):]
		}
		it := item{ID: len(items), Type: "pronunciation", Start: decimal(w.Start), End: decimal(w.End), Alternatives: []alternative{{Confidence: "0.9", Content: content}}}
		if h.speakers {
			if speakers[w.Speaker] == "" {
				speakers[w.Speaker] = fmt.Sprintf("spk_%d", len(speakers))
			}
			it.Speaker = speakers[w.Speaker]
		}
		if h.channels > 0 {
			it.Channel = fmt.Sprintf("ch_%d", w.channel)
		}
		if redacted && strings.ContainsFunc(content, unicode.IsDigit) {
			it.Alternatives = []alternative{{Confidence: "0.9", Content: "[PII]", Redactions: []any{map[string]string{"confidence": "0.9", "type": "NUMBER", "category": "PII"}}}}
		}
		said := it.Alternatives[0].Content + mark
		if n := len(spans); i == 0 || w.Start-h.words[i-1].End > pause || spans[n-1].speaker != it.Speaker || spans[n-1].channel != it.Channel {
			spans = append(spans, span{first: it.ID, start: it.Start, speaker: it.Speaker, channel: it.Channel, text: said})
		} else {
			spans[n-1].text += " " + said
		}
		items = append(items, it)
		if mark != "" {
			items = append(items, item{ID: len(items), Type: "punctuation", Speaker: it.Speaker, Channel: it.Channel, Alternatives: []alternative{{Confidence: "0.0", Content: mark}}})
		}
		last := &spans[len(spans)-1]
		last.last, last.end = len(items)-1, it.End
	}
	return items, spans
}

func speakerLabels(items []item, spans []span) map[string]any {
	names := map[string]bool{}
	segments := []any{}
	for _, s := range spans {
		names[s.speaker] = true
		words := []any{}
		for _, it := range items[s.first : s.last+1] {
			if it.Start != "" {
				words = append(words, map[string]string{"speaker_label": it.Speaker, "start_time": it.Start, "end_time": it.End})
			}
		}
		segments = append(segments, map[string]any{"start_time": s.start, "end_time": s.end, "speaker_label": s.speaker, "items": words})
	}
	return map[string]any{"channel_label": "ch_0", "speakers": len(names), "segments": segments}
}

func (h *heard) channelLabels(items []item) map[string]any {
	channels := []any{}
	for n := range h.channels {
		label, own := fmt.Sprintf("ch_%d", n), []item{}
		for _, it := range items {
			if it.Channel == label {
				own = append(own, it)
			}
		}
		channels = append(channels, map[string]any{"channel_label": label, "items": own})
	}
	return map[string]any{"channels": channels, "number_of_channels": h.channels}
}

func decimal(seconds float64) string { return strconv.FormatFloat(seconds, 'f', 3, 64) }
