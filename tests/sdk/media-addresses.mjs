// Prints what the official SDK's media helpers make of stored pictures, as a JSON list, for `tests/media/test_sdk_helpers.py`.

import { media } from '@wix/sdk';

const [stored, whole] = process.argv.slice(2);

console.log(
  JSON.stringify([
    media.getImageUrl(stored).url,
    media.getImageUrl(whole).url,
    media.getScaledToFillImageUrl(stored, 200, 200, {}),
    media.getScaledToFillImageUrl(stored, 5000, 5000, {}),
    media.getScaledToFitImageUrl(stored, 200, 200, {}),
    media.getScaledToFitImageUrl(whole, 200, 200, {}),
    media.getCroppedImageUrl(stored, 10, 20, 300, 300, 150, 150, {}),
    media.getScaledToFillImageUrl(stored, 120, 90, {
      focalPoint: { x: 20, y: 70 },
      quality: 50,
      filters: { blur: 5, brightness: 10 },
      encoding: 'AVIF',
      name: 'two wörds',
    }),
  ]),
);
