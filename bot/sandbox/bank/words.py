"""The words of the bank's pages: English sentences name themselves, Khmer is beside."""

from aiohttp import web

LANGUAGES = {"en": "English", "km": "ខ្មែរ"}

KHMER = {
    "Sandbox Bank": "ធនាគារសាកល្បង",
    "no real money": "មិនមែនលុយពិត",
    "Pay": "បង់ប្រាក់",
    "Pay {}": "បង់ប្រាក់ {}",
    "Confirm the payment": "បញ្ជាក់ការបង់ប្រាក់",
    "Paid": "បានបង់ប្រាក់",
    "Paid {} times": "បានបង់ប្រាក់ {} ដង",
    "Payment {}": "ការបង់ {}",
    "Any amount": "ចំនួនណាក៏បាន",
    "Amount in {}": "ចំនួនជា {}",
    "To": "ទៅកាន់",
    "From": "ពី",
    "Practice account": "គណនីសាកល្បង",
    "Bill": "លេខវិក្កយបត្រ",
    "Reference": "លេខយោង",
    "Time": "ម៉ោង",
    "Amount": "ចំនួន",
    "Currency": "រូបិយប័ណ្ណ",
    "Valid until": "ប្រើបានដល់ម៉ោង",
    "Expired at": "ផុតកំណត់នៅម៉ោង",
    "This QR has expired. Ask the shop for a new one.": "QR នេះផុតកំណត់ហើយ។ សូមសុំ QR ថ្មីពីហាង។",
    "The last try was refused. Nothing was paid.": "ការបង់ចុងក្រោយត្រូវបានបដិសេធ។ មិនទាន់បានបង់ទេ។",
    "Back to {}": "ត្រឡប់ទៅ {}",
    "the shop": "ហាង",
    "You can go back to the chat": "អ្នកអាចត្រឡប់ទៅការជជែកវិញបាន",
    "Pay it wrong (to try the shop)": "បង់ខុស (ដើម្បីសាកល្បងហាង)",
    "Pay again, or pay it wrong (to try the shop)": "បង់ម្ដងទៀត ឬបង់ខុស (ដើម្បីសាកល្បងហាង)",
    "Too little": "ខ្វះ",
    "Too much": "លើស",
    "Other currency": "រូបិយប័ណ្ណផ្សេង",
    "Late": "យឺត",
    "Twice": "ពីរដង",
    "Let it be refused": "ឱ្យត្រូវបដិសេធ",
    "Or as you like": "ឬតាមចិត្ត",
    "Even if the QR has expired": "ទោះ QR ផុតកំណត់ហើយក៏ដោយ",
    "Pay this": "បង់ដូច្នេះ",
    # what the teller refuses with
    "QR expired": "QR ផុតកំណត់ហើយ",
    "The account does not exist": "គណនីនេះមិនមានទេ",
    "The amount is missing": "ខ្វះចំនួនទឹកប្រាក់",
    "The amount is not a number": "ចំនួនទឹកប្រាក់មិនមែនជាលេខ",
    "The amount is out of range": "ចំនួនទឹកប្រាក់លើសដែនកំណត់",
    "The amount has too many decimals for USD": "ចំនួនដុល្លារមានខ្ទង់ក្រោយក្បៀសច្រើនពេក",
    "The amount has too many decimals for KHR": "ចំនួនរៀលមិនមានខ្ទង់ក្រោយក្បៀសទេ",
    "This QR has no end, nothing is late for it": "QR នេះមិនផុតកំណត់ទេ គ្មានការបង់យឺតឡើយ",
    "This QR names no amount to be short of or over": "QR នេះមិនមានចំនួន ដើម្បីបង់ខ្វះ ឬលើសទេ",
}


def language(request: web.Request) -> str:
    """Choose the language: the address's ``lang``, else the browser's first one; English where it is neither."""
    asked = request.query.get("lang") or request.headers.get("Accept-Language", "")[:2]
    return asked if asked in LANGUAGES else "en"


def say(language: str, sentence: str, *values: object) -> str:
    """Give a sentence in a language, ``{}`` filled in; a sentence nobody translated stays English."""
    return (KHMER.get(sentence, sentence) if language == "km" else sentence).format(*values)
