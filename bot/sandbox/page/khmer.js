/** The page's sentences in Khmer, by the English ones. */
export const KHMER = {
  // Panes and bars
  Customer: "អតិថិជន", "Staff group": "ក្រុមបុគ្គលិក", "Admin chat": "អ្នកគ្រប់គ្រង", Web: "គេហទំព័រ", Panes: "ផ្ទាំង",
  Inspector: "ផ្ទាំងពិនិត្យ", "Web pages": "គេហទំព័រ", Catalog: "កាតាឡុក", Tracking: "តាមដាន",
  Reload: "ផ្ទុកឡើងវិញ",
  "Open in a new tab": "បើកក្នុងផ្ទាំងថ្មី", "Light or dark": "ភ្លឺ ឬងងឹត", "Light theme": "ផ្ទៃភ្លឺ",
  "Dark theme": "ផ្ទៃងងឹត",
  "Page in English or Khmer": "ទំព័រជាអង់គ្លេស ឬខ្មែរ", "Sandbox · live": "Sandbox · ផ្ទាល់",
  "Reconnecting…": "កំពុងភ្ជាប់ឡើងវិញ…",
  "No web page yet. A tracking link that the bot sends opens here.":
    "មិនទាន់មានគេហទំព័រទេ។ តំណតាមដានដែលប៊ុតផ្ញើ នឹងបើកនៅទីនេះ។",

  // Chats
  Chats: "ការជជែក", "Close the list": "បិទបញ្ជី", "No messages yet": "មិនទាន់មានសារទេ", You: "អ្នក",
  "{chat}, {count} unread": "{chat} មានសារមិនទាន់អាន {count}", bot: "ប៊ុត", "bot · blocked": "ប៊ុត · បានទប់ស្កាត់",
  typing: "កំពុងសរសេរ", "1 person": "មនុស្ស 1 នាក់", "{count} people": "មនុស្ស {count} នាក់", Person: "មនុស្ស",
  "Speaking as {who}": "និយាយជា {who}", "Block the bot": "ទប់ស្កាត់ប៊ុត", "Let the bot in again": "អនុញ្ញាតប៊ុតឡើងវិញ",
  "Add people": "បន្ថែមមនុស្ស", "Add people…": "បន្ថែមមនុស្ស…", "Make it a supergroup": "ប្តូរជាក្រុមធំ",
  "Leave the group": "ចាកចេញពីក្រុម", "Turn topics on": "បើកប្រធានបទ", "Turn topics off": "បិទប្រធានបទ",
  "Close or open the topic": "បិទ ឬបើកប្រធានបទ", "Pinned message": "សារដែលបានខ្ទាស់", Messages: "សារ",
  "To the newest message": "ទៅសារថ្មីបំផុត", "That message is further up.": "សារនោះនៅខាងលើទៀត។",
  General: "ទូទៅ", All: "ទាំងអស់", Topics: "ប្រធានបទ", "New topic": "ប្រធានបទថ្មី",
  "Name of the topic": "ឈ្មោះប្រធានបទ",

  // Newcomers
  "Add a person": "បន្ថែមមនុស្សម្នាក់", "Add a person…": "បន្ថែមមនុស្សម្នាក់…", "First name": "ឈ្មោះ",
  "Username (optional)": "ឈ្មោះអ្នកប្រើ (បើមាន)", "4 to 32 letters, digits or _": "អក្សរ លេខ ឬ _ ពី 4 ដល់ 32 តួ",
  "Language of their Telegram": "ភាសានៃ Telegram របស់គេ", "Who they are": "ជានរណា", "In the group": "ក្នុងក្រុម",
  "Courier or staff": "អ្នកដឹក ឬបុគ្គលិក", Admin: "អ្នកគ្រប់គ្រង", Add: "បន្ថែម", "New group": "ក្រុមថ្មី",
  "New group…": "ក្រុមថ្មី…",
  "Name of the group": "ឈ្មោះក្រុម", Kind: "ប្រភេទ", Group: "ក្រុម", "Group with topics": "ក្រុមមានប្រធានបទ",
  "Small basic group": "ក្រុមតូចសាមញ្ញ", "Who else is in it": "នរណាទៀតក្នុងក្រុម", Create: "បង្កើត",
  "Choose people": "ជ្រើសរើសមនុស្ស", "Up to {count}": "យ៉ាងច្រើន {count}", Share: "ចែករំលែក",
  "Choose a chat": "ជ្រើសរើសការជជែក", "Add the bot to a group": "បន្ថែមប៊ុតទៅក្រុម",

  // Composer
  Message: "សារ", "Message as {who}": "សារក្នុងនាម {who}", Commands: "ពាក្យបញ្ជា", Attach: "ភ្ជាប់",
  "The bot's keyboard": "ក្តារចុចរបស់ប៊ុត", "Keyboard of the bot": "ក្តារចុចរបស់ប៊ុត", Send: "ផ្ញើ", Start: "ចាប់ផ្តើម",
  "The bot's commands": "ពាក្យបញ្ជារបស់ប៊ុត", "Open as {who}": "បើកក្នុងនាម {who}", "Open the link": "បើកតំណ",
  "Do not reply": "កុំឆ្លើយ", "Do not change it": "កុំកែវា", "Change the message": "កែសារ",
  "Asking the bot…": "កំពុងសួរប៊ុត…", "The bot did not answer.": "ប៊ុតមិនឆ្លើយទេ។",
  "The bot found nothing.": "ប៊ុតរកមិនឃើញអ្វីទេ។",
  "More…": "បន្ថែម…", "Results of the bot": "លទ្ធផលរបស់ប៊ុត",

  // What can be attached
  "Photos or videos": "រូបភាព ឬវីដេអូ", Files: "ឯកសារ", "My contact": "លេខទូរស័ព្ទខ្ញុំ", "Open a link…": "បើកតំណ…",
  Link: "តំណ",
  Open: "បើក", "This is no link of the bot or of this machine.": "នេះមិនមែនជាតំណរបស់ប៊ុត ឬម៉ាស៊ីននេះទេ។",
  Latitude: "រយៈទទឹង", Longitude: "រយៈបណ្តោយ", "Send location": "ផ្ញើទីតាំង",
  "Choose a place or type coordinates.": "សូមជ្រើសរើសកន្លែង ឬសរសេរកូអរដោនេ។",
  "Central Market": "ផ្សារធំថ្មី", "Independence Monument": "វិមានឯករាជ្យ", "Russian Market": "ផ្សារទួលទំពូង",
  "Wat Phnom": "វត្តភ្នំ",
  "Olympic Stadium": "ពហុកីឡដ្ឋានជាតិអូឡាំពិក", "Phnom Penh Airport": "ព្រលានយន្តហោះភ្នំពេញ", "Old Market": "ផ្សារចាស់",
  "Battambang Station": "ស្ថានីយបាត់ដំបង", "Daun Penh, Phnom Penh": "ដូនពេញ ភ្នំពេញ",
  "Chamkar Mon, Phnom Penh": "ចំការមន ភ្នំពេញ", "Toul Tom Poung, Phnom Penh": "ទួលទំពូង ភ្នំពេញ",
  "Prampi Makara, Phnom Penh": "៧មករា ភ្នំពេញ", "Por Sen Chey, Phnom Penh": "ពោធិ៍សែនជ័យ ភ្នំពេញ",
  "Siem Reap": "សៀមរាប", Battambang: "បាត់ដំបង",
  "Drop to send": "ទម្លាក់ដើម្បីផ្ញើ", "Send as files": "ផ្ញើជាឯកសារ", Caption: "ចំណងជើង", "Send photo": "ផ្ញើរូបភាព",
  "Send file": "ផ្ញើឯកសារ", "Send {count} files": "ផ្ញើឯកសារ {count}", Sending: "កំពុងផ្ញើ",
  "{name} is too big: {size}. Files of up to {most} can be sent.":
    "{name} ធំពេក៖ {size}។ អាចផ្ញើឯកសារបានដល់ {most}។",

  // Messages
  Photo: "រូបភាព", Video: "វីដេអូ", GIF: "GIF", "Video message": "សារវីដេអូ", Sticker: "ស្ទីគ័រ",
  "Voice message": "សារសំឡេង",
  Audio: "អូឌីយ៉ូ", File: "ឯកសារ", Place: "កន្លែង", Location: "ទីតាំង", Contact: "ទំនាក់ទំនង", Poll: "ការបោះឆ្នោត",
  Dice: "គ្រាប់ឡុកឡាក់",
  Invoice: "វិក្កយបត្រ", Story: "រឿង", "Enlarge the photo": "ពង្រីករូបភាព", "Close the photo": "បិទរូបភាព",
  "Album of {count}": "អាល់ប៊ុម {count}", "Forwarded from {who}": "បញ្ជូនបន្តពី {who}", "via @{bot}": "តាម @{bot}",
  edited: "បានកែ", Reply: "ឆ្លើយ", "Try again": "ព្យាយាមម្តងទៀត", "Copy text": "ចម្លងអត្ថបទ", Edit: "កែ",
  Pin: "ខ្ទាស់", Unpin: "ដោះខ្ទាស់", Delete: "លុប", "Forward…": "បញ្ជូនបន្ត…",
  Forwarded: "បានបញ្ជូនបន្ត", "Forward to": "បញ្ជូនបន្តទៅ", React: "បញ្ចេញអារម្មណ៍", Reactions: "ប្រតិកម្ម",
  "Buttons of this message": "ប៊ូតុងនៃសារនេះ", Copied: "បានចម្លង",
  "The browser did not let me copy: {text}": "កម្មវិធីរុករកមិនឱ្យចម្លងទេ៖ {text}",
  "This link opens an app: {link}": "តំណនេះបើកកម្មវិធី៖ {link}",
  "This kind of button is not built into the sandbox.": "ប៊ូតុងប្រភេទនេះមិនមានក្នុង sandbox ទេ។",
  "Polls are not built into the sandbox.": "ការបោះឆ្នោតមិនមានក្នុង sandbox ទេ។",
  Today: "ថ្ងៃនេះ", Yesterday: "ម្សិលមិញ",

  // Grey lines
  "{who} joined the group": "{who} បានចូលក្រុម", "{who} left the group": "{who} បានចាកចេញពីក្រុម",
  "{who} pinned “{what}”": "{who} បានខ្ទាស់ «{what}»",
  "{who} named the group “{what}”": "{who} បានដាក់ឈ្មោះក្រុមថា «{what}»",
  "{who} changed the group's photo": "{who} បានប្តូររូបក្រុម", "{who} removed the group's photo": "{who} បានដករូបក្រុម",
  "{who} created the group": "{who} បានបង្កើតក្រុម", "The channel was created": "ឆានែលត្រូវបានបង្កើត",
  "{who} opened the topic “{what}”": "{who} បានបើកប្រធានបទ «{what}»",
  "{who} renamed the topic “{what}”": "{who} បានប្តូរឈ្មោះប្រធានបទជា «{what}»",
  "{who} changed the topic's icon": "{who} បានប្តូររូបប្រធានបទ", "{who} closed the topic": "{who} បានបិទប្រធានបទ",
  "{who} opened the topic again": "{who} បានបើកប្រធានបទឡើងវិញ",
  "The general topic is hidden": "ប្រធានបទទូទៅត្រូវបានលាក់",
  "The general topic is back": "ប្រធានបទទូទៅត្រឡប់មកវិញ", "Data sent from “{what}”": "ទិន្នន័យបានផ្ញើពី «{what}»",
  "{who} shared people with the bot": "{who} បានចែករំលែកមនុស្សជាមួយប៊ុត",
  "{who} shared a chat with the bot": "{who} បានចែករំលែកការជជែកជាមួយប៊ុត",
  "The group became a supergroup": "ក្រុមបានក្លាយជាក្រុមធំ", "The bot may write here": "ប៊ុតអាចសរសេរនៅទីនេះ",
  "The auto-delete timer was changed": "ម៉ោងលុបស្វ័យប្រវត្តិត្រូវបានប្តូរ",

  // Boxes and the Mini App
  OK: "យល់ព្រម", Close: "បិទ", Cancel: "បោះបង់", "Close the page": "បិទទំព័រ", "Web page": "គេហទំព័រ",
  "Mini App": "មីនីកម្មវិធី", Back: "ថយក្រោយ", "Close the app": "បិទកម្មវិធី", Stay: "នៅបន្ត", Leave: "ចាកចេញ",
  "What you changed may not be kept.": "អ្វីដែលអ្នកបានកែ អាចនឹងបាត់។",
  "Only an app of the bot's keyboard may send data.": "មានតែកម្មវិធីពីក្តារចុចរបស់ប៊ុតទេ ដែលអាចផ្ញើទិន្នន័យបាន។",
  "Share your phone number with the bot?": "ចែករំលែកលេខទូរស័ព្ទរបស់អ្នកជាមួយប៊ុតឬទេ?",
};
