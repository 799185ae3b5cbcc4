/** People and groups that come from the page: a customer, a courier, an admin; a group with or without topics. */
import * as api from "./api.js";
import { h } from "./dom.js";
import { formBox } from "./overlays.js";
import { fullName, hasChat } from "./people.js";

const LANGUAGES = [["km", "ខ្មែរ"], ["en", "English"]];

const isGroup = (chat) => chat.type === "supergroup" || chat.type === "group";

const options = (pairs) => pairs.map(([value, text]) => h("option", { value }, text));

/** A new person; a courier joins a group, an admin leads it. `onAdded(person)`. */
export function addPersonBox(desk, onAdded) {
  const { t, store, stage } = desk;
  const groups = store.chats.filter(isGroup);
  const roles = [["", t("Customer")], ["member", t("Courier or staff")], ["administrator", t("Admin")]];
  const where = h("label", { hidden: true }, t("In the group"), h("select", { name: "group" },
    options(groups.map((chat) => [chat.id, chat.title]))));
  const role = h("select", { name: "role", onchange: () => {
    where.hidden = role.value === "";
  } }, options(groups.length > 0 ? roles : roles.slice(0, 1)));
  formBox(stage, {
    title: t("Add a person"),
    fields: [
      h("label", {}, t("First name"), h("input", { name: "first_name", required: true, maxlength: 64,
        autocomplete: "off", "data-focus": true })),
      h("label", {}, t("Username (optional)"), h("input", { name: "username", pattern: "[A-Za-z][A-Za-z0-9_]{3,31}",
        autocomplete: "off", title: t("4 to 32 letters, digits or _") })),
      h("label", {}, t("Language of their Telegram"), h("select", { name: "language_code" }, options(LANGUAGES))),
      h("label", {}, t("Who they are"), role), where,
    ],
    done: t("Add"),
    onDone: async (form) => {
      const given = ["first_name", "username", "language_code"].map((name) => [name, form.get(name)]);
      const person = await api.addPerson(Object.fromEntries(given.filter(([, value]) => value !== "")));
      const status = form.get("role");
      if (status) await api.setMember({ chat: Number(form.get("group")), person: person.id, status });
      await store.refresh();
      onAdded(person, status ? Number(form.get("group")) : person.id);
    },
  });
}

/** A new group with the people who are ticked and the bot. `onAdded(chat id)`. */
export function addGroupBox(desk, onAdded) {
  const { t, store, stage, viewer } = desk;
  const kinds = [["supergroup", t("Group")], ["forum", t("Group with topics")], ["group", t("Small basic group")]];
  formBox(stage, {
    title: t("New group"),
    fields: [
      h("label", {}, t("Name of the group"), h("input", { name: "title", required: true, maxlength: 128,
        autocomplete: "off", "data-focus": true })),
      h("label", {}, t("Kind"), h("select", { name: "kind" }, options(kinds))),
      ticks(t("Who else is in it"), store.people.filter(({ id }) => id !== viewer), null),
    ],
    done: t("Create"),
    onDone: async (form) => {
      const kind = form.get("kind");
      const members = [...new Set([viewer, ...form.getAll("who").map(Number)])]; // the first owns it
      const { chat } = await api.addGroup({ title: form.get("title"), members, forum: kind === "forum",
        kind: kind === "group" ? "group" : "supergroup" });
      await store.refresh();
      desk.chatList?.close();
      onAdded(chat.id);
    },
  });
}

/** More people for a group that is there. */
export function addMembersBox(desk, chat) {
  const { t, store, stage } = desk;
  const others = store.people.filter((person) => !hasChat(chat, person.id));
  formBox(stage, {
    title: t("Add people"),
    fields: [ticks(chat.title, others, null)],
    done: t("Add"),
    onDone: async (form) => {
      for (const person of form.getAll("who").map(Number)) {
        await api.setMember({ chat: chat.id, person, status: "member", by: desk.viewer });
      }
      await store.refresh();
    },
  });
}

/** A new topic of a forum; `onAdded(thread)`. */
export function addTopicBox(desk, onAdded) {
  const { t, stage, viewer: person, chat } = desk;
  formBox(stage, {
    title: t("New topic"),
    fields: [h("label", {}, t("Name of the topic"), h("input", { name: "name", required: true, maxlength: 128,
      autocomplete: "off", "data-focus": true }))],
    done: t("Create"),
    onDone: async (form) => {
      const { topic } = await api.addTopic({ person, chat, name: form.get("name") });
      await desk.store.refresh();
      onAdded(topic.message_thread_id);
    },
  });
}

/** Choose among people and run `onChosen(ids)`; `users` and how many at `most`, as the sandbox offers them. */
export function pickPeopleBox(desk, { users, most }, onChosen) {
  const { t, stage } = desk;
  formBox(stage, {
    title: t("Choose people"),
    fields: [ticks(t("Up to {count}", { count: most }), users, null)],
    done: t("Share"),
    onDone: (form) => onChosen(form.getAll("who").map(Number)),
  });
}

function ticks(legend, people, checked) {
  return h("fieldset", { class: "ticks" }, h("legend", {}, legend), people.map((person) =>
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "who", value: person.id,
      checked: person.id === checked }), fullName(person))));
}
