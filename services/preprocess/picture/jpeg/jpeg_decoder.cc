// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_decoder.h"

#include "services/preprocess/picture/jpeg/jpeg_scans.h"

namespace tessera::preprocess {
namespace {

PlaneShape DescribePlane(const jpeg_decompress_struct& cinfo,
                         const jpeg_component_info& component) {
  const double across = static_cast<double>(component.h_samp_factor * component.DCT_scaled_size) /
                        (cinfo.max_h_samp_factor * DCTSIZE);
  const double down = static_cast<double>(component.v_samp_factor * component.DCT_scaled_size) /
                      (cinfo.max_v_samp_factor * DCTSIZE);
  return {
      .width_px = component.downsampled_width,
      .height_px = component.downsampled_height,
      .width_extent = cinfo.image_width * across,
      .height_extent = cinfo.image_height * down,
      .row_samples = component.width_in_blocks * component.DCT_scaled_size,
      .rows_per_read = static_cast<uint32_t>(component.v_samp_factor * component.DCT_scaled_size),
      .half_width = across == 0.5 && cinfo.scale_denom == 1,
      .half_height = down == 0.5 && cinfo.scale_denom == 1};
}

}  // namespace

JpegDecoder::JpegDecoder(std::string_view file, CancelCheck cancelled)
    : file_(file), cancelled_(cancelled) {
  cinfo_.err = InstallJpegErrors(errors_);
  jpeg_create_decompress(&cinfo_);
  cinfo_.client_data = this;
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&cinfo_); }

bool JpegDecoder::ReadHeader() {
  if (setjmp(errors_.jump)) return false;
  jpeg_mem_src(&cinfo_, reinterpret_cast<const unsigned char*>(file_.data()), file_.size());
  jpeg_read_header(&cinfo_, TRUE);
  return true;
}

uint64_t JpegDecoder::BlocksOf(int component) const {
  const jpeg_component_info& info = cinfo_.comp_info[component];
  return uint64_t{info.width_in_blocks} * info.height_in_blocks;
}

bool JpegDecoder::HasSeveralScans() const {
  // libjpeg only reads, but takes no const pointer.
  return jpeg_has_multiple_scans(const_cast<jpeg_decompress_struct*>(&cinfo_)) != FALSE;
}

bool JpegDecoder::IsPlainGrayOrYcbcr() const {
  if (cinfo_.data_precision != 8) return false;
  if (cinfo_.jpeg_color_space == JCS_GRAYSCALE) return cinfo_.num_components == 1;
  if (cinfo_.jpeg_color_space != JCS_YCbCr || cinfo_.num_components != 3) return false;
  const jpeg_component_info* components = cinfo_.comp_info;
  for (int i : {1, 2}) {
    if (components[i].h_samp_factor != 1 || components[i].v_samp_factor != 1) return false;
  }
  return components[0].h_samp_factor <= 2 && components[0].v_samp_factor <= 2;
}

void JpegDecoder::Configure(int shrink) {
  progress_.progress_monitor = OnProgress;
  cinfo_.progress = &progress_;
  cinfo_.scale_num = 1;
  cinfo_.scale_denom = static_cast<unsigned>(shrink);
  cinfo_.dct_method = JDCT_ISLOW;
  // A progressive file is shown once, when all of it is there.
  cinfo_.do_block_smoothing = FALSE;
}

bool JpegDecoder::Start(int shrink) {
  Configure(shrink);
  if (setjmp(errors_.jump)) return false;
  cinfo_.raw_data_out = TRUE;
  // Raw output skips upsampling anyway; saying so lets libjpeg scale each component by itself.
  cinfo_.do_fancy_upsampling = FALSE;
  jpeg_start_decompress(&cinfo_);
  for (int i = 0; i < cinfo_.num_components; ++i) {
    planes_[static_cast<size_t>(i)] = DescribePlane(cinfo_, cinfo_.comp_info[i]);
  }
  return true;
}

bool JpegDecoder::ReadRows(uint8_t** const (&rows)[3]) {
  if (setjmp(errors_.jump)) return false;
  JSAMPARRAY planes[3] = {rows[0], rows[1], rows[2]};
  jpeg_read_raw_data(&cinfo_, planes,
                     static_cast<unsigned>(cinfo_.max_v_samp_factor * cinfo_.min_DCT_scaled_size));
  return true;
}

bool JpegDecoder::StartRgb(int shrink) {
  Configure(shrink);
  if (setjmp(errors_.jump)) return false;
  if (cinfo_.num_components == 3) cinfo_.out_color_space = JCS_RGB;
  jpeg_start_decompress(&cinfo_);
  return true;
}

bool JpegDecoder::ReadRgbRow(uint8_t* row) {
  if (setjmp(errors_.jump)) return false;
  JSAMPROW rows[] = {row};
  jpeg_read_scanlines(&cinfo_, rows, 1);
  return true;
}

void JpegDecoder::OnProgress(j_common_ptr cinfo) {
  auto& decoder = *static_cast<JpegDecoder*>(cinfo->client_data);
  if (decoder.cinfo_.input_scan_number > kMaxJpegScans) JumpOutOfJpeg(cinfo, JpegFailure::kCorrupt);
  decoder.cancel_status_ = decoder.cancelled_();
  if (!decoder.cancel_status_.ok()) JumpOutOfJpeg(cinfo, JpegFailure::kCancelled);
}

}  // namespace tessera::preprocess
