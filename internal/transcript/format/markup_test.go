package format

import "testing"

func TestHTML(t *testing.T) {
	check(t, HTML, []rule{
		{"Podcasting 2.0", "<!doctype html><html lang=en><head><title>Ep. 4</title><style>p{color:red}</style></head><body>\n" +
			"<cite>Ines Duarte:</cite><time>0:04</time><p>Good &amp; well.</p><cite>Pavel:</cite><time>1:02:03</time><p>Thanks,<br>all.</p></body></html>",
			[]string{"Ines Duarte|4000||Good & well.", "Pavel|3723000||Thanks, all."}},
		{"the same as a fragment", "<cite>Ines Duarte:</cite>\n<time>0:04</time>\n<p>Good.</p>\n<cite>Pavel:</cite>\n<time>0:09</time>\n<p>Thanks.</p>",
			[]string{"Ines Duarte|4000||Good.", "Pavel|9000||Thanks."}},
		{"bold names, in capital letters and unclosed", "<HTML><BODY><P><B>Ines:</B> A\n<i>b</i>.<P><STRONG>Pavel:</STRONG> C.<P><B>Ines:</B> D.</BODY></HTML>",
			[]string{"Ines|||A b.", "Pavel|||C.", "Ines|||D."}},
		{"names by class, without white space", `<div class="cue"><span class="Speaker">Ines Duarte</span><span class="timestamp">0:04</span><p>Good.</p></div><div class="cue"><span class="Speaker">Pavel</span><span class="timestamp">0:09</span><p>Thanks.</p></div>`,
			[]string{"Ines Duarte|4000||Good.", "Pavel|9000||Thanks."}},
		{"classes that are bold, as Google Docs has them", `<html><head><style type="text/css">.c1{color:#000;font-weight:700}.c2{font-weight:400}</style></head><body><p><span class="c1">Ines: </span><span class="c2">A.</span></p><p><span class="c1">Pavel: </span><span class="c2">B.</span></p></body></html>`,
			[]string{"Ines|||A.", "Pavel|||B."}},
		{"what has no words of it", `<html><body><nav><a>Home</a></nav><header></header><p>Ines: A.</p><script>var x = "<p>Pavel: no</p>"</script><noscript>Turn it on</noscript><p style="display: none">Pavel: hidden.</p><p>Pavel: B.<button>Copy</button></p><footer>(c) Us</footer></body></html>`,
			[]string{"Ines|||A.", "Pavel|||B."}},
		{"the main part only", "<html><body><div>Our shows</div><main><p>Ines: A.</p><p>Pavel: B.</p></main><p>Next: C.</p></body></html>",
			[]string{"Ines|||A.", "Pavel|||B."}},
		{"a table", "<table><tr><td>0:04</td><td><p>Ines</p></td><td><p>A.</p><p>And.</p></td></tr><tr><td>0:09</td><td>Pavel</td><td>B.</td></tr><tr><td>0:12</td><td>Ines</td><td>C.</td></tr></table>",
			[]string{"Ines|4000||A. And.", "Pavel|9000||B.", "Ines|12000||C."}},
		{"terms", "<dl><dt>Ines</dt><dd>A.</dd><dt>Pavel</dt><dd>B.</dd><dt>Ines</dt><dd>C.</dd><dt>Pavel</dt><dd>D.</dd></dl>",
			[]string{"Ines|||A.", "Pavel|||B.", "Ines|||C.", "Pavel|||D."}},
		{"lines and breaks", "<pre>Ines: A.\nPavel: B.\n</pre>", []string{"Ines|||A.", "Pavel|||B."}},
		{"breaks", "<div>Ines: A.<br>Pavel: B.<br/><br/>Ines: C.</div>", []string{"Ines|||A.", "Pavel|||B.", "Ines|||C."}},
		{"lines of a fragment without blocks", "<b>Ines:</b> A &lt; b.\n<b>Pavel:</b> C.\n", []string{"Ines|||A < b.", "Pavel|||C."}},
		{"XHTML", `<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Ines: A.</p><p>Pavel: B.</p></body></html>`, []string{"Ines|||A.", "Pavel|||B."}},
		{"times of words", `<article><section><p><span data-m="160" data-d="200">[Ines] </span><span data-m="400">Hi.</span></p><p><span data-m="900">[Pavel] </span><span data-m="950">Yes.</span></p><p><span data-m="1200">[Ines] </span><span>Good.</span></p></section></article>`,
			[]string{"Ines|160||Hi.", "Pavel|900||Yes.", "Ines|1200||Good."}},
	})
	check(t, Markdown, []rule{{"Markdown that begins with a tag", "<div align=\"center\">\n\n# Talk\n\n</div>\n\n**Ines:** A.\n\n**Pavel:** B.", []string{"Ines|||A.", "Pavel|||B."}}})
	check(t, Text, []rule{{"who speaks of tags", "Ines: Write <b> and </b>.\nPavel: And <p>?", []string{"Ines|||Write <b> and </b>.", "Pavel|||And <p>?"}}})
}

func ttml(attrs, head, body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xml:lang="pt-BR"` + attrs +
		">\n<head>" + head + "</head>\n<body>" + body + "</body></tt>"
}

func TestTTML(t *testing.T) {
	const who = `<metadata><ttm:title>Talk</ttm:title><ttm:agent type="person" xml:id="v1"><ttm:name type="full">Ines Duarte</ttm:name></ttm:agent><ttm:agent xml:id="v2" type="person"/></metadata>`
	check(t, TTML, []rule{
		{"agents of paragraphs, parts and spans", ttml("", who, `<div ttm:agent="v1"><p begin="1s" end="2s">One<br/>two.</p><p begin="2s" end="3s" ttm:agent="v2">Three.</p><p begin="3s" end="4s">Four. <span ttm:agent="v2">Five.</span></p></div>`),
			[]string{"Ines Duarte|1000|2000|One two.", "v2|2000|3000|Three.", "Ines Duarte|3000|4000|Four.", "v2|3000|4000|Five."}},
		{"clock times, frames and parts of them", ttml(` ttp:frameRate="25" ttp:subFrameRate="2"`, "", `<div><p begin="00:00:01:05" end="00:00:02:10.1">a</p><p begin="00:01:02.5" end="01:01:02,25">b</p></div>`),
			[]string{"|1200|2420|a", "|62500|3662250|b"}},
		{"frames of NTSC", ttml(` ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"`, "", `<div><p begin="30f" dur="15f">a</p></div>`), []string{"|1001|1502|a"}},
		{"ticks", ttml(` ttp:tickRate="10000000"`, "", `<div><p begin="15000000t" end="25000000t">a</p></div>`), []string{"|1500|2500|a"}},
		{"other metrics, and none", ttml("", "", `<div><p begin="0.5m" dur="900ms">a</p><p begin="0.01h" end="37s">b</p><p begin="40.25" end="1:02.5">c</p></div>`),
			[]string{"|30000|30900|a", "|36000|37000|b", "|40250|62500|c"}},
		{"times within times", ttml("", "", `<div begin="10s"><p begin="1s" end="2s">a</p><p dur="1s">b</p></div><div timeContainer="seq" begin="20s"><p dur="2s">c</p><p dur="1s">d</p></div>`),
			[]string{"|11000|12000|a", "|10000|11000|b", "|20000|22000|c", "|22000|23000|d"}},
		{"words with times", ttml("", who, "<div><p begin=\"1.0\" end=\"3.0\" ttm:agent=\"v1\"><span begin=\"1.0\" end=\"1.5\">We</span> <span begin=\"1.5\" end=\"3.0\">close.</span>\n</p></div>"),
			[]string{"Ines Duarte|1000|3000|We close."}},
		{"times of spans only", ttml("", "", `<div><p><span begin="1s" end="2s">a</span><br/><span begin="2s" end="4s">b</span></p></div>`), []string{"|1000|4000|a b"}},
		{"metadata is no word", ttml("", who+"<styling><style xml:id=\"s\"/></styling>", `<metadata><ttm:desc>none</ttm:desc></metadata><div><p begin="1s" end="2s"><metadata><ttm:desc>none</ttm:desc></metadata>a &amp; b&nbsp;c</p></div>`),
			[]string{"|1000|2000|a & b c"}},
		{"names in the words", ttml("", "", `<div><p begin="1s" end="2s">Ines: A.</p><p begin="2s" end="3s">Pavel: B.</p><p begin="3s" end="4s">Ines: C.</p></div>`),
			[]string{"Ines|1000|2000|A.", "Pavel|2000|3000|B.", "Ines|3000|4000|C."}},
		{"iTunes' lyrics count from the beginning", ttml(` xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="Word"`, who, `<div begin="9.1" end="40.5"><p begin="9.1" end="12.0" ttm:agent="v1"><span begin="9.1" end="9.4">We</span> <span begin="9.4" end="12.0">close.</span></p><p begin="1:02.5" end="1:05" ttm:agent="v2">Yes.</p></div>`),
			[]string{"Ines Duarte|9100|12000|We close.", "v2|62500|65000|Yes."}},
		{"words of Apple's podcasts", ttml(` xmlns:podcasts="http://podcasts.apple.com/transcript-ttml-internal"`, "", `<div><p begin="1.0" end="2.0" ttm:agent="SPEAKER_1"><span podcasts:unit="sentence"><span podcasts:unit="word" begin="1.0">We</span><span podcasts:unit="word">close.</span></span></p></div>`),
			[]string{"SPEAKER_1|1000|2000|We close."}},
		{"times of words only", ttml("", "", `<div dur="60s"><p><span podcasts:unit="word" begin="1.0" end="1.5">We</span><span podcasts:unit="word" begin="1.5" end="2">close.</span></p></div>`), []string{"|1000|2000|We close."}},
		{"no times", ttml("", "", `<div><p>Ines: A.</p><p>Pavel: B.</p></div>`), []string{"Ines|||A.", "Pavel|||B."}},
		{"agents and no times", ttml("", who, `<div><p ttm:agent="v1">A.</p><p ttm:agent="v2">B.</p></div>`), []string{"Ines Duarte|||A.", "v2|||B."}},
		{"a prefix", `<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"><tt:body><tt:div><tt:p begin="1s" end="2s">a</tt:p></tt:div></tt:body></tt:tt>`, []string{"|1000|2000|a"}},
	})
	if p := mustParse(t, ttml("", "", `<div><p begin="1s">a</p></div>`)); p.Language != "pt-BR" {
		t.Errorf("language %q", p.Language)
	}
}

func TestXML(t *testing.T) {
	check(t, XML, []rule{
		{"YouTube's transcript", `<?xml version="1.0" encoding="utf-8" ?><transcript><text start="0.16" dur="2.6">we close &amp;amp; that&amp;#39;s it</text><text start="2.76" dur="2">&lt;font color="#fff"&gt;who&lt;/font&gt;&#10;signs</text></transcript>`,
			[]string{"|160|2760|we close & that's it", "|2760|4760|who signs"}},
		{"YouTube's timed text", `<?xml version="1.0"?><timedtext format="3"><head><pen id="1"/></head><body><w t="0" id="1"/><p t="160" d="2600" w="1"><s ac="0">we</s><s t="240"> close</s></p><p t="2760" d="100" w="1" a="1">
</p><p t="2860" d="2000">who signs</p></body></timedtext>`,
			[]string{"|160|2760|we close", "|2860|4860|who signs"}},
		{"Transcriber", `<?xml version="1.0"?><!DOCTYPE Trans SYSTEM "trans-14.dtd"><Trans xml:lang="fr"><Speakers><Speaker id="spk1" name="Inès"/><Speaker id="spk2" name="Pavel"/></Speakers><Episode><Section type="report" startTime="0" endTime="9.5">
<Turn speaker="spk1" startTime="0" endTime="6"><Sync time="0"/>Bonjour.<Sync time="2.5"/>On ferme.</Turn><Turn speaker="spk1 spk2" startTime="6" endTime="9.5"><Sync time="6"/>Merci.</Turn></Section></Episode></Trans>`,
			[]string{"Inès|0|2500|Bonjour.", "Inès|2500|6000|On ferme.", "Inès, Pavel|6000|9500|Merci."}},
		{"elements for attributes, milliseconds", `<transcription><segment><start>1000</start><end>2000</end><speaker>Ines</speaker><text>Good <b>day</b>.</text></segment><segment><start>2500</start><end>4000</end><speaker>Pavel</speaker><text>Thanks.</text></segment></transcription>`,
			[]string{"Ines|1000|2000|Good day.", "Pavel|2500|4000|Thanks."}},
		{"clock times and no ends", `<interview><line time="00:00:04" who="Ines">A.</line><line time="00:00:09" who="Pavel">B.</line></interview>`,
			[]string{"Ines|4000|9000|A.", "Pavel|9000||B."}},
		{"names without times", `<Transcript><Turn speaker="Ines">A.</Turn><Turn speaker="Pavel">B.</Turn></Transcript>`, []string{"Ines|||A.", "Pavel|||B."}},
		{"paragraphs", `<transcript><p>Ines: A.</p><p>Pavel: B.</p></transcript>`, []string{"Ines|||A.", "Pavel|||B."}},
	})
	checkFailing(t, []failing{
		{"not closed", "<transcript>\n<text start=\"1\">a", ParseError, 2},
		{"of another version", "<?xml version=\"1.1\"?><transcript><p>a</p></transcript>", ParseError, 1},
		{"no words", `<transcript><text start="1" dur="2"> </text></transcript>`, EmptyTranscript, 0},
		{"only markup of TTML", ttml("", "", `<div><p begin="1s"/></div>`), EmptyTranscript, 0},
	})
}
