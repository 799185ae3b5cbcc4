/** The words of the inspector, the faults and the bank: English sentences name themselves, Khmer is beside. */
import { isKhmer, pageLang } from "./words.js";

const KHMER = {
  // The drawer
  Inspector: "ផ្ទាំងពិនិត្យ", Calls: "ការហៅ", Faults: "កំហុស", Bank: "ធនាគារ", Close: "បិទ",
  "{n} calls a second": "ការហៅ {n}/វិនាទី", "{n} findings": "ចំណុចសង្ស័យ {n}", "1 finding": "ចំណុចសង្ស័យ 1",
  // Calls
  "Filter by method": "ច្រោះតាមវិធី", All: "ទាំងអស់", Errors: "បដិសេធ", Findings: "ចំណុចសង្ស័យ", Pause: "ផ្អាក",
  Resume: "បន្ត", Clear: "សម្អាត", "Newest": "ថ្មីបំផុត",
  "No call yet. What the bot asks of Telegram is listed here as it happens.":
    "មិនទាន់មានការហៅទេ។ អ្វីដែលបូតសួរ Telegram នឹងបង្ហាញនៅទីនេះភ្លាមៗ។",
  "No call fits this filter.": "គ្មានការហៅណាត្រូវនឹងតម្រងនេះទេ។",
  Arguments: "អាគុយម៉ង់", Files: "ឯកសារ", Answer: "ចម្លើយ", none: "គ្មាន", "Copy as curl": "ចម្លងជា curl",
  "Copy the answer": "ចម្លងចម្លើយ", Copied: "បានចម្លង", "Fault: {kind}": "កំហុសដែលសុំ៖ {kind}",
  "Long values are cut.": "តម្លៃវែងៗត្រូវបានកាត់។", "{n} bytes": "{n} បៃ",
  // Faults
  "What goes wrong": "អ្វីដែលត្រូវខុស", "Calls of the bot": "ការហៅរបស់បូត",
  "Updates to the bot": "បច្ចុប្បន្នភាពទៅបូត",
  "Too many requests": "សំណើច្រើនពេក", "Server error": "ម៉ាស៊ីនបម្រើខូច", "Bad gateway": "ច្រកចូលខូច",
  "File too big": "ឯកសារធំពេក", "Slow answer": "ឆ្លើយយឺត", "Cut before the effect": "ដាច់មុនពេលធ្វើ",
  "Cut after the effect": "ដាច់ក្រោយពេលធ្វើ", "Comes twice": "មកពីរដង", "Comes late": "មកយឺត",
  "Out of order": "ខុសលំដាប់", Method: "វិធី", "any method": "គ្រប់វិធី",
  Update: "បច្ចុប្បន្នភាព", "any update": "គ្រប់បច្ចុប្បន្នភាព", Chat: "ជជែក", "any chat": "គ្រប់ជជែក",
  Times: "ចំនួនដង", Seconds: "វិនាទី", "Let it happen": "ឱ្យវាកើតឡើង", Waiting: "កំពុងរង់ចាំ",
  "No fault is waiting.": "គ្មានកំហុសកំពុងរង់ចាំទេ។", "Call off": "លុបចោល", "Call all off": "លុបចោលទាំងអស់",
  "{n} times": "{n} ដង", once: "ម្តង", "{n} s": "{n} វិ.",
  "People and groups": "មនុស្ស និងក្រុម", "Block the bot": "ទប់ស្កាត់បូត", "Let the bot in": "ឱ្យបូតចូលវិញ",
  "Kick the bot": "ដេញបូតចេញ", "Upgrade to a supergroup": "តម្លើងជាក្រុមធំ", blocked: "បានទប់ស្កាត់",
  "kicked out": "ត្រូវបានដេញចេញ",
  Limits: "កម្រិត", "Telegram's limits on sending": "កម្រិតផ្ញើរបស់ Telegram",
  "30 a second, about 1 a second in a chat, 20 a minute in a group":
    "30 ក្នុងមួយវិនាទី ប្រហែល 1 ក្នុងមួយវិនាទីក្នុងមួយជជែក 20 ក្នុងមួយនាទីក្នុងក្រុម",
  Clock: "នាឡិកា", "Right time": "ម៉ោងត្រឹមត្រូវ", "−1 d": "−1 ថ្ងៃ", "−1 h": "−1 ម៉ោង", "−5 min": "−5 នាទី",
  "+5 min": "+5 នាទី", "+1 h": "+1 ម៉ោង", "+1 d": "+1 ថ្ងៃ", "{by} from the real time": "{by} ពីម៉ោងពិត",
  State: "ស្ថានភាព", "Name of a saved state": "ឈ្មោះស្ថានភាព", Save: "រក្សាទុក", Load: "ផ្ទុក",
  "Saved as {name}.": "បានរក្សាទុកជា {name}។", "Loaded {name}.": "បានផ្ទុក {name}។", "Begin again": "ចាប់ផ្តើមឡើងវិញ",
  "Really begin again? Every chat is emptied.": "ចាប់ផ្តើមឡើងវិញមែនទេ? គ្រប់ជជែកនឹងទទេ។",
  "Everything began again.": "អ្វីៗបានចាប់ផ្តើមឡើងវិញ។", Yes: "បាទ/ចាស", No: "ទេ",
  // The bank
  "There is no bank on this desk.": "គ្មានធនាគារនៅទីនេះទេ។",
  "No KHQR yet. One that the shop asks a link for appears here; others can be pasted.":
    "មិនទាន់មាន KHQR ទេ។ ពេលហាងសុំតំណ វានឹងលេចនៅទីនេះ; អ្នកក៏អាចបិទភ្ជាប់បានដែរ។",
  "Paste a KHQR": "បិទភ្ជាប់ KHQR", Add: "បន្ថែម", "Pay exactly": "បង់គ្រប់", Short: "ខ្វះ", Over: "លើស",
  "Other currency": "រូបិយប័ណ្ណផ្សេង", Late: "យឺត", Twice: "ពីរដង",
  Reject: "បដិសេធការបង់", "Pay page": "ទំព័របង់ប្រាក់",
  "waits, {time} left": "រង់ចាំ នៅសល់ {time}", waits: "រង់ចាំ", expired: "ផុតកំណត់", paid: "បានបង់",
  "paid short": "បានបង់ខ្វះ", "paid too much": "បានបង់លើស", "paid late": "បានបង់យឺត",
  "paid in another currency": "បានបង់ជារូបិយប័ណ្ណផ្សេង",
  "paid {n} times": "បានបង់ {n} ដង", "rejected": "បានបដិសេធ", "Any amount": "ចំនួនណាក៏បាន",
  "Paid {amount}": "បានបង់ {amount}", "Rejected {amount}": "បានបដិសេធ {amount}",
  "{time}, after the end": "{time} ក្រោយផុតកំណត់",
  "The bank's bad days": "ថ្ងៃមិនល្អរបស់ធនាគារ", "No such token": "សោមិនត្រឹមត្រូវ", "Forbidden": "ហាមឃាត់",
  "Nonsense": "ចម្លើយគ្មានន័យ", "Down": "ដាច់", "Slow": "យឺត", "Time-out": "អស់ពេល", "Cannot connect": "ភ្ជាប់មិនបាន",
  "until called off": "រហូតដល់លុបចោល", "All tokens expire": "សោទាំងអស់ផុតកំណត់", "Tokens expired.": "សោបានផុតកំណត់។",
};

/** A sentence in the language of the bars; `{name}` stands for `values.name`. */
export function t(sentence, values = {}) {
  const chosen = isKhmer(pageLang()) ? KHMER[sentence] ?? sentence : sentence;
  return chosen.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Draw again whenever the language of the bars changes. */
export function onLanguage(draw) {
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
}

/** "14:05:09" by this machine's clock; `unix` in seconds. */
export function hms(unix) {
  return new Date(unix * 1000).toLocaleTimeString("en-GB");
}

/** Ask a route: its JSON, or an Error with the sentence it refused with. */
export async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" } };
  const reply = await fetch(path, init).catch(() => null);
  if (reply === null) throw new Error("The sandbox does not answer. Is it still running?");
  const found = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(found.error ?? `The sandbox answered ${reply.status}.`);
  return found;
}
