// Writes KHQRs with the official SDK: requests as JSON lines on stdin, {request, qr, md5} or {request, error} on stdout.
// Needs `npm install bakong-khqr@1.0.20` in a folder of your own and NODE_PATH at its node_modules.
const readline = require("node:readline");
const { BakongKHQR, IndividualInfo, MerchantInfo, khqrData } = require("bakong-khqr");

const clock = Date.now;
const maker = new BakongKHQR();

function optional(request) {
  return {
    currency: khqrData.currency[request.currency],
    amount: request.amount === undefined ? undefined : Number(request.amount),
    accountInformation: request.information,
    acquiringBank: request.bank,
    billNumber: request.bill_number,
    mobileNumber: request.mobile,
    storeLabel: request.store,
    terminalLabel: request.terminal,
    purposeOfTransaction: request.purpose,
    languagePreference: request.name_km ? "km" : undefined,
    merchantNameAlternateLanguage: request.name_km,
    merchantCityAlternateLanguage: request.city_km,
    expirationTimestamp: request.expires_at,
  };
}

function made(request) {
  const { account, name, city, merchant_id: merchant, bank } = request;
  Date.now = () => request.created_at ?? 0; // the SDK reads the machine's clock for field 99
  try {
    const answer = merchant
      ? maker.generateMerchant(new MerchantInfo(account, name, city, merchant, bank, optional(request)))
      : maker.generateIndividual(new IndividualInfo(account, name, city, optional(request)));
    return answer.data ? { request, ...answer.data } : { request, error: answer.status.message };
  } catch (error) {
    return { request, error: String(error.message ?? error) };
  } finally {
    Date.now = clock;
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(made(JSON.parse(line)))}\n`);
});
