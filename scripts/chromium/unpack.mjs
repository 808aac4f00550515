// Unpacks Chromium below the temporary folder and prints where it is.
import chromium from "@sparticuz/chromium";

process.stdout.write(await chromium.executablePath());
