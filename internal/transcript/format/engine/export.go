package engine

import "sync"

// An export is somebody's JSON, told by keys (or types) that only it has
// together.
type export struct {
	name string
	keys []string
}

// exports are the names that reading.engine has for JSON. Of two that fit, the
// first one is told. What has the shape of many (segments with a start, an end
// and a text) is nobody's.
var exports = []export{
	{"griot", []string{"session_id", "last_seq"}},
	{"amazon_contact_lens", []string{"BeginOffsetMillis", "ParticipantId"}},
	{"amazon_call_analytics", []string{"BeginOffsetMillis", "ParticipantRole"}},
	{"amazon_transcribe", []string{"language_code", "transcripts", "items"}},
	{"amazon_transcribe", []string{"jobName", "results"}},
	{"amazon_transcribe", []string{"speaker_labels", "items"}},
	{"amazon_transcribe", []string{"channel_labels", "items"}},
	{"gladia", []string{"full_transcript"}},
	{"assemblyai", []string{"utterances", "audio_duration"}},
	{"assemblyai", []string{"words", "audio_duration"}},
	{"azure", []string{"combinedRecognizedPhrases"}},
	{"azure", []string{"combinedPhrases"}},
	{"azure", []string{"RecognitionStatus"}},
	{"deepgram", []string{"results", "channels", "alternatives"}},
	{"deepgram", []string{"channel_index", "alternatives"}},
	{"elevenlabs", []string{"language_probability", "spacing"}},
	{"elevenlabs", []string{"logprob", "speaker_id"}},
	{"fireflies", []string{"sentences", "speaker_name"}},
	{"fireflies", []string{"sentence", "speaker_name"}},
	{"gong", []string{"callTranscripts"}},
	{"google_meet", []string{"transcriptEntries"}},
	{"google", []string{"alternatives", "resultEndTime"}},
	{"google", []string{"alternatives", "resultEndOffset"}},
	{"google", []string{"alternatives", "speakerTag"}},
	{"happyscribe", []string{"data_start", "data_end"}},
	{"teams", []string{"speakerDisplayName", "startOffset"}},
	{otrName, []string{otrKey}},
	{"otter", []string{"otid"}},
	{"otter", []string{"start_offset", "transcript", "speaker_id"}},
	{"parakeet", []string{"sentences", "tokens"}},
	{"podcasting20", []string{"startTime", "endTime", "body"}},
	{"read", []string{"speaker_blocks"}},
	{"recall", []string{"participant", "start_timestamp"}},
	{"rev", []string{"monologues"}},
	{"soniox", []string{"tokens", "start_ms", "end_ms"}},
	{"speechmatics", []string{"transcription_config"}},
	{"vexa", []string{"native_meeting_id"}},
	{"vosk", []string{"result", "conf"}},
	{"watson", []string{"result_index", "alternatives"}},
	{"whisper.cpp", []string{"transcription", "offsets", "timestamps"}},
	{"whisperx", []string{"word_segments"}},
	{"openai", []string{"transcript.text.segment"}},
	{"openai", []string{"task", "duration", "segments"}},
	{"openai", []string{"task", "duration", "words"}},
	{"whisper", []string{"avg_logprob"}},
	{"transformers", []string{"chunks", "timestamp"}},
	{"youtube", []string{"tStartMs", "segs"}},
	{"youtube", []string{"video_id", "snippets"}},
	{"slack", []string{"ts", "client_msg_id"}},
	{"slack", []string{"ts", "user_profile"}},
	{"telegram", []string{"messages", "from_id"}},
}

// signs are all keys and types that exports are told by.
var signs = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, e := range exports {
		for _, key := range e.keys {
			m[key] = true
		}
	}
	return m
})

// exportName is the name of the program whose export the file is, "" where
// nothing in it says so.
func (c *contents) exportName() string {
	for _, e := range exports {
		all := true
		for _, key := range e.keys {
			all = all && c.keys[key]
		}
		if all {
			return e.name
		}
	}
	return ""
}
